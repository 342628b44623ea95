/**
 * One library and one case in a process of their own: a byte in, one round, its answer as a line of JSON out. The parent
 * is heard by the event loop, since a library may need it between the rounds. When the input ends so does this.
 */
import { writeSync } from 'node:fs';
import { kinds, WRONG } from './cases.mjs';
import { burst, copied, latency, moved, throughput, weight } from './measures.mjs';

const WARM = 500; // ms
/** Additions before a queue is filled: none of its cost is the start of the workers or the compiling of code. */
const WARM_TASKS = 5000;

const tell = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

function fail(error) {
  tell({ error: String(error?.message ?? error).split('\n')[0] });
  process.exit(1);
}

const rounds = {
  throughput: (calls) => () => throughput(calls),
  latency: (calls) => () => latency(calls),
  copied,
  moved,
  'moved-64': moved,
};

async function race(calls, name) {
  const { size } = kinds.thread.cases.find((one) => one.name === name);
  const round = rounds[name](calls, size);
  const end = performance.now() + WARM;
  do await round();
  while (performance.now() < end);
  tell(0);
  process.stdin.on('data', () => round().then(tell, fail));
}

async function fill(calls, name, tasks) {
  await burst(calls, WARM_TASKS);
  tell(name === 'burst' ? await burst(calls, tasks) : weight(calls, tasks));
}

/** `callers` is by library: how it makes each kind of call. */
export async function contend(callers) {
  const [library, name, tasks] = process.argv.slice(2);
  process.on('uncaughtException', fail);
  process.stdin.on('end', () => process.exit());
  process.stdin.resume();
  try {
    const began = performance.now();
    const calls = await callers[library](name);
    if (name === 'first') {
      const sum = await calls.add(1, 2);
      tell(sum === 3 ? (performance.now() - began) * 1e6 : { error: `${WRONG}: 1 + 2 is ${sum}` });
    } else if (tasks === undefined) await race(calls, name);
    else await fill(calls, name, Number(tasks));
  } catch (error) {
    fail(error);
  }
}
