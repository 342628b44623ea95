// Node's flags for threads and processes that work for this one.

/** Those of the process, where some of them are not right for a file: `node -e` says what its code is. */
export function flags(): string[] | undefined {
  const left: string[] = [];
  const { execArgv } = process;
  for (let i = 0; i < execArgv.length; i++) {
    const flag = execArgv[i] as string;
    if (!/^(?:-e|-p|-pe|-i|--eval|--print|--interactive|--input-type|--check|-c)(?:=|$)/.test(flag))
      left.push(flag);
    else if (/^(?:-e|-p|-pe|--eval|--print|--input-type)$/.test(flag)) i++;
  }
  return left.length === execArgv.length ? undefined : left;
}

/** What belongs to the program alone: its inspector's port, its test runner, its watcher. */
const OWN = /^--(?:inspect|test|watch)(?:$|[-=])/;

/** The flags of a process of a pool; `memory` is the MB that its JavaScript may use. */
export function processFlags(memory: number | undefined): string[] {
  const all = flags() ?? process.execArgv;
  // What does not look like a flag is the value of the one before it.
  const own = all.filter((flag, i) => !OWN.test(flag.startsWith('-') ? flag : (all[i - 1] ?? flag)));
  return memory === undefined ? own : [...own, `--max-old-space-size=${memory}`];
}
