/**
 * `npm run bench:thread`: runInThread() beside the libraries that do the same, as ratios of one run.
 *
 *   node bench/thread.mjs                  on Node 20 and 24 where test/lines has them, else on this Node
 *   node bench/thread.mjs --node <path>    on that Node; may be given more than once
 *   --rounds <n>                           9 unless told, 31 with --busy
 *   --busy                                 small values with one core kept busy meanwhile, and then with all of them; also
 *                                          beside the same channel without looking
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { once } from './run/child.mjs';
import { nodes } from './run/nodes.mjs';
import { plot } from './run/plot.mjs';
import { race } from './run/race.mjs';
import { Results } from './run/results.mjs';
import { median } from './run/stats.mjs';
import { formatNs, print, verdict } from './run/table.mjs';
import { buildSleeping } from './thread/sleeping.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    busy: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? (values.busy ? 31 : 9));
const contender = fileURLToPath(new URL('thread/contender.mjs', import.meta.url));
const peers = ['synckit', 'make-synchronous', 'sync-message-port'];
const sleeping = values.busy ? ['always sleeping'] : [];
const all = ['isthmus', ...sleeping, ...peers, 'floor'];
const moving = ['isthmus', 'sync-message-port', 'floor'];

/** A goal is isthmus's speed divided by that of the fastest peer. */
const cases = [
  { name: 'number', title: 'a number', goal: values.busy ? 0.95 : 2, libraries: all, isSmall: true },
  { name: 'object', title: 'an object of 1 KB', libraries: all, isSmall: true },
  { name: 'copied', title: '1 MB of bytes, copied', goal: 1.5, libraries: all },
  { name: 'transferred', title: '1 MB of bytes, moved', libraries: moving },
  { name: 'callback', title: 'a callback to the caller', libraries: ['isthmus', ...sleeping], isSmall: true },
].filter(({ isSmall }) => isSmall || !values.busy);
/** Its speed divided by that of the same channel without looking: what looking may cost where it does not pay. */
const SLEEPING_GOAL = 0.95;

/** By round, for the two of a round are side by side in time; then the middle one. */
function besideSleeping({ rounds: { isthmus, 'always sleeping': asleep } }) {
  return median(isthmus.map((ns, round) => asleep[round] / ns));
}

/** ms from the import to the first result: a process for each. */
async function first(execPath) {
  const ms = Object.fromEntries(all.map((library) => [library, []]));
  for (let round = 0; round < rounds; round++) {
    for (const library of all) ms[library].push((await once(execPath, contender, [library, 'first'])) / 1e6);
  }
  return Object.fromEntries(all.map((library) => [library, median(ms[library])]));
}

const raceRow = ({ title }, { ns, ratio, goal }) => [
  title,
  ...all.map((library) => (library in ns ? formatNs(ns[library]) : '-')),
  ratio === null ? '-' : `${ratio.toFixed(2)}x`,
  goal === null || ratio === null ? '' : `${goal}x ${verdict(ratio >= goal)}`,
];

const sleepingCells = (ratio) => [
  `${ratio.toFixed(2)}x`,
  `${SLEEPING_GOAL}x ${verdict(ratio >= SLEEPING_GOAL)}`,
];

/** All cases on one Node, with so many cores kept busy. */
async function measure(execPath, node, busy) {
  const result = { node: busy === 0 ? node : `${node}, ${kept(busy)}`, busy, race: {} };
  const rows = [['time of a call', ...all, 'fastest peer / isthmus', 'goal']];
  if (busy > 0) rows[0].push('always sleeping / isthmus', 'goal');
  for (const one of cases) {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${one.title} ...` : '');
    const { libraries } = one;
    const done = await race(execPath, one, { libraries, rounds, contender, rivals: peers });
    result.race[one.name] = done;
    const row = raceRow(one, done);
    if (busy > 0) {
      done.besideSleeping = besideSleeping(done);
      row.push(...sleepingCells(done.besideSleeping));
    }
    rows.push(row);
    for (const [library, why] of Object.entries(done.skipped))
      console.log(`  ${library}, ${one.title}: ${why}`);
  }
  process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '');
  if (busy === 0) {
    result.first = await first(execPath);
    const mine = result.first.isthmus;
    rows.push([
      'import to first result',
      ...all.map((library) => formatNs(result.first[library] * 1e6)),
      `${(Math.min(...peers.map((library) => result.first[library])) / mine).toFixed(2)}x`,
      `45 ms ${verdict(mine < 45)}`,
    ]);
  }
  console.log(`\nNode ${result.node}\n`);
  print(rows);
  return result;
}

const kept = (busy) => `${busy === 1 ? 'one core' : `${busy} cores`} kept busy`;
/** How many cores are kept busy: one, and all of them. */
const loads = values.busy ? [...new Set([1, cpus().length])] : [0];
if (values.busy) process.env.BENCH_SLEEPING = await buildSleeping();
const written = new Results();
const results = [];
for (const execPath of nodes(values.node)) {
  const node = spawnSync(execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  for (const busy of loads) {
    const others = Array.from({ length: busy }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    try {
      results.push(await measure(execPath, node, busy));
    } finally {
      for (const other of others) other.kill();
    }
  }
}
const name = values.busy ? 'thread-busy' : 'thread';
written.writeJson(`${name}.json`, { rounds, results });
const picture = plot(results, {
  title: 'Calls per second of runInThread() and of the libraries that do the same',
  about: 'Blocking calls of another thread per second (log scale)',
  cases,
  libraries: all,
  low: 2,
  high: 7,
});
written.write(`${name}.svg`, picture);
written.say();
