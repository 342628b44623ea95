/**
 * `npm run bench:thread`: runInThread() beside the libraries that do the same, as ratios of one run.
 *
 *   node bench/thread.mjs                  on Node 20 and 24 where test/lines has them, else on this Node
 *   node bench/thread.mjs --node <path>    on that Node; may be given more than once
 *   --rounds <n>                           9 unless told
 *   --busy                                 with one core kept busy meanwhile
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { once } from './run/child.mjs';
import { nodes } from './run/nodes.mjs';
import { plot } from './run/plot.mjs';
import { race } from './run/race.mjs';
import { median } from './run/stats.mjs';
import { formatNs, print, verdict } from './run/table.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '9' },
    busy: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds);
const contender = fileURLToPath(new URL('thread/contender.mjs', import.meta.url));
const peers = ['synckit', 'make-synchronous', 'sync-message-port'];
const all = ['isthmus', ...peers, 'floor'];
const moving = ['isthmus', 'sync-message-port', 'floor'];

/** A goal is isthmus's speed divided by that of the fastest peer. */
const cases = [
  { name: 'number', title: 'a number', goal: values.busy ? 0.95 : 2, libraries: all },
  { name: 'object', title: 'an object of 1 KB', libraries: all },
  { name: 'copied', title: '1 MB of bytes, copied', goal: 1.5, libraries: all },
  { name: 'transferred', title: '1 MB of bytes, moved', libraries: moving },
  { name: 'callback', title: 'a callback to the caller', libraries: ['isthmus'] },
];

/** ms from the import to the first result: a process for each. */
async function first(execPath) {
  const ms = Object.fromEntries(all.map((library) => [library, []]));
  for (let round = 0; round < rounds; round++) {
    for (const library of all) ms[library].push((await once(execPath, contender, [library, 'first'])) / 1e6);
  }
  return Object.fromEntries(all.map((library) => [library, median(ms[library])]));
}

const busy = values.busy ? spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }) : undefined;
const results = [];
try {
  for (const execPath of nodes(values.node)) {
    const node = spawnSync(execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
    const result = { node, race: {} };
    const rows = [['time of a call', ...all, 'fastest peer / isthmus', 'goal']];
    for (const one of cases) {
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${one.title} ...` : '');
      const { libraries } = one;
      const done = await race(execPath, one, { libraries, rounds, contender, rivals: peers });
      result.race[one.name] = done;
      rows.push([
        one.title,
        ...all.map((library) => (library in done.ns ? formatNs(done.ns[library]) : '-')),
        done.ratio === null ? '-' : `${done.ratio.toFixed(2)}x`,
        done.goal === null || done.ratio === null ? '' : `${done.goal}x ${verdict(done.ratio >= done.goal)}`,
      ]);
      for (const [library, why] of Object.entries(done.skipped))
        console.log(`  ${library}, ${one.title}: ${why}`);
    }
    process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '');
    result.first = await first(execPath);
    const mine = result.first.isthmus;
    rows.push([
      'import to first result',
      ...all.map((library) => formatNs(result.first[library] * 1e6)),
      `${(Math.min(...peers.map((library) => result.first[library])) / mine).toFixed(2)}x`,
      values.busy ? '' : `45 ms ${verdict(mine < 45)}`,
    ]);
    console.log(`\nNode ${node}${values.busy ? ', one core kept busy' : ''}\n`);
    print(rows);
    results.push(result);
  }
} finally {
  busy?.kill();
}
const folder = new URL('results/', import.meta.url);
mkdirSync(folder, { recursive: true });
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: loadavg()[0] };
const name = values.busy ? 'thread-busy' : 'thread';
writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
const picture = plot(results, {
  title: 'Calls per second of runInThread() and of the libraries that do the same',
  about: `Blocking calls of another thread per second${values.busy ? ', one core kept busy' : ''} (log scale)`,
  cases,
  libraries: all,
  low: 2,
  high: 7,
});
writeFileSync(new URL(`${name}.svg`, folder), picture);
console.log(`\n${machine.cores} cores. Written to bench/results/${name}.json and ${name}.svg.`);
