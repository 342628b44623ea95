/**
 * `npm run bench:pool`: pools of threads and of processes beside the libraries that do the same, and beside pairs written
 * by hand, as ratios of one run.
 *
 *   node bench/pool.mjs                  on Node 20 and 24 where test/lines has them, else on this Node
 *   node bench/pool.mjs --node <path>    on that Node; may be given more than once
 *   --rounds <n>                         7 unless told; 3 with --queue
 *   --only thread|process                one of the two
 *   --queue                              instead: what a task costs of up to a million that are queued at once
 */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contestants, everyone, first as firstCase, kinds } from './pool/cases.mjs';
import { first } from './pool/first.mjs';
import { queues } from './pool/queue.mjs';
import { printKind, printQueues } from './pool/report.mjs';
import { nodes } from './run/nodes.mjs';
import { plot } from './run/plot.mjs';
import { race } from './run/race.mjs';
import { Results } from './run/results.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    only: { type: 'string' },
    queue: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? (values.queue ? 3 : 7));
const names = Object.keys(kinds).filter((name) => (values.only ?? name) === name);
if (!(rounds >= 1)) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
if (names.length === 0) throw new Error(`--only is one of ${Object.keys(kinds).join(', ')}`);

// Leaving by exit() ends the libraries' processes, which a signal alone does not reach: they are groups of their own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => process.exit(128 + constants.signals[signal]));

const contender = ({ file }) => fileURLToPath(new URL(`pool/${file}`, import.meta.url));

/** One line that is overwritten; nothing where nobody watches. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function measure(execPath, node, kind) {
  const races = {};
  for (const [i, one] of kind.cases.entries()) {
    progress(`Node ${node}, ${kind.title}: ${one.title} (${i + 1} of ${kind.cases.length + 1})`);
    races[one.name] = await race(execPath, one, {
      libraries: contestants(kind, one),
      rounds,
      contender: contender(kind),
      group: true,
      rivals: kind.peers,
      figure: one.figure,
    });
  }
  progress(`Node ${node}, ${kind.title}: ${firstCase.title}`);
  races.first = await first(execPath, kind, { contender: contender(kind), rounds });
  progress('');
  return races;
}

const written = new Results();
const results = [];
for (const execPath of nodes(values.node)) {
  const node = spawnSync(execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const result = { node };
  results.push(result);
  if (values.queue) {
    const say = (text) => progress(`Node ${node}: ${text}`);
    result.queue = await queues(execPath, { contender: contender(kinds.thread), rounds, progress: say });
    progress('');
    printQueues(node, result.queue);
    continue;
  }
  for (const name of names) {
    result[name] = await measure(execPath, node, kinds[name]);
    printKind(node, name, result[name], kinds[name]);
  }
}

written.writeJson(values.queue ? 'pool-queue.json' : 'pool.json', { rounds, results });
for (const name of values.queue ? [] : names) {
  const kind = kinds[name];
  const picture = plot(
    results.map((result) => ({ node: result.node, race: result[name] })),
    {
      title: `Tasks per second of pools of two ${kind.title}`,
      about: `Tasks per second of pools of two ${kind.title} (log scale; longer is faster)`,
      cases: [...kind.cases, firstCase],
      libraries: everyone(kind),
      low: 0,
      high: 6,
    },
  );
  written.write(`pool-${name}.svg`, picture);
}
written.say();
