// Node's flags for the service thread.

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
