/**
 * `npm run bench:run`: run() beside the libraries that do the same, and what the package costs besides.
 *
 *   node bench/run.mjs                  on Node 20 and 24 where test/lines has them, else on this Node
 *   node bench/run.mjs --node <path>    on that Node; may be given more than once
 *   --rounds <n>                        9 unless told; fewer only for a quick look
 *
 * Ratios of one run can be compared with each other; figures of another day or machine cannot.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { imports, levels, loops } from './run/costs.mjs';
import { libraries, prepare } from './run/libraries.mjs';
import { nodes } from './run/nodes.mjs';
import { plot } from './run/plot.mjs';
import { cases, race } from './run/race.mjs';
import { Results } from './run/results.mjs';
import { printResult } from './run/table.mjs';

const { values } = parseArgs({
  options: { node: { type: 'string', multiple: true }, rounds: { type: 'string', default: '9' } },
});
const rounds = Number(values.rounds);

/** One line that is overwritten; nothing where nobody watches. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function measure(execPath) {
  const node = spawnSync(execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const usable = libraries.filter((library) => {
    const { skip } = prepare(library, execPath);
    if (skip) console.log(`Node ${node}: ${library} is left out: ${skip}`);
    return !skip;
  });
  const result = { node, race: {} };
  for (const [i, one] of cases.entries()) {
    progress(`Node ${node}: ${one.title} (${i + 1} of ${cases.length})`);
    result.race[one.name] = await race(execPath, one, { libraries: usable, rounds });
  }
  progress(`Node ${node}: nested calls`);
  result.levels = await levels(execPath);
  progress(`Node ${node}: loops`);
  result.loops = await loops(execPath, rounds);
  progress(`Node ${node}: imports`);
  result.imports = await imports(execPath);
  progress('');
  return result;
}

const written = new Results();
const results = [];
for (const execPath of nodes(values.node)) {
  results.push(await measure(execPath));
  printResult(results.at(-1));
}
written.writeJson('run.json', { rounds, results });
const picture = plot(results, {
  title: 'Calls per second of run() and of the libraries that do the same',
  about: 'Sync calls per second, from a main script (log scale; longer is faster)',
  cases,
  libraries,
  low: 2,
  high: 8,
});
written.write('run.svg', picture);
written.say();
