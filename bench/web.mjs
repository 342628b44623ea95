/**
 * `npm run bench:web`: what becomes of /ping while clients hammer an endpoint that blocks, and what becomes of that
 * endpoint, for isthmus on Fastify, Fastify with piscina by hand, plain Fastify, and FastAPI, as ratios of one run.
 *
 *   node bench/web.mjs                  on Node 20 and 24 where test/lines has them, else on this Node
 *   node bench/web.mjs --node <path>    on that Node; may be given more than once
 *   --rounds <n>                        3 unless told
 *   --clients <n,n>                     1,4,16,64 unless told; the goals are for 16
 *   --seconds <n>                       1 unless told: how long each part of a round lasts
 *   --only alone|cpu|sleep|add|run      one part; may be given more than once
 *   --quick                             this Node, 16 clients, one round
 */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { once } from './run/child.mjs';
import { nodes } from './run/nodes.mjs';
import { plot } from './run/plot.mjs';
import { race } from './run/race.mjs';
import { Results } from './run/results.mjs';
import {
  alone,
  cellsOf,
  clientCounts,
  endpoints,
  everyone,
  GOAL_CLIENTS,
  python,
  rivals,
  runCase,
} from './web/cases.mjs';
import { ownOf } from './web/goals.mjs';
import { tool } from './web/hammer.mjs';
import { findPython } from './web/python.mjs';
import { printCost, printEndpoint, printRun, printWanted } from './web/report.mjs';

const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    clients: { type: 'string' },
    seconds: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const counts = values.clients?.split(',').map(Number) ?? (values.quick ? [GOAL_CLIENTS] : clientCounts);
const parts = [alone, ...endpoints, runCase].map(({ name }) => name);
const only = values.only ?? parts;
if (!(rounds >= 1)) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
if (!counts.every((count) => Number.isInteger(count) && count >= 1))
  throw new Error(`--clients ${values.clients} is no list of numbers of clients, such as 1,16`);
// wrk takes whole seconds, and a round has to be over within the limit of a race.
if (!/^[1-4]$/.test(values.seconds)) throw new Error(`--seconds ${values.seconds} is not 1, 2, 3 or 4`);
if (!only.every((name) => parts.includes(name))) throw new Error(`--only is one of ${parts.join(', ')}`);

// Leaving by exit() ends the servers, which are groups of their own.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => process.exit(128 + constants.signals[signal]));

const here = (file) => fileURLToPath(new URL(`web/${file}`, import.meta.url));
const found = findPython();
const isHere = (contestant) => found.path !== undefined || !Object.values(python).includes(contestant);
process.env.BENCH_PYTHON = found.path ?? '';
process.env.BENCH_WEB_SECONDS = values.seconds;

/** One line that is overwritten; nothing where nobody watches. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function measureCells(execPath, node, cells, races) {
  for (const [i, cell] of cells.entries()) {
    progress(`Node ${node}: ${cell.title} (${i + 1} of ${cells.length})`);
    races[cell.name] = await race(execPath, cell, {
      libraries: cell.contestants.filter(isHere),
      rounds,
      contender: here('contender.mjs'),
      group: true,
      rivals,
      figure: ({ ping, own }) => ping ?? own,
    });
  }
  progress('');
}

async function cost(execPath) {
  const node = await once(execPath, here('cost.mjs'), []);
  if (found.path === undefined) return { node };
  const env = { PYTHONDONTWRITEBYTECODE: '1' };
  return { node, python: await once(found.path, here('cost.py'), [], { env }) };
}

async function measure(execPath, node) {
  const result = { node, races: {}, cost: await cost(execPath) };
  const { races } = result;
  const wanted = [
    [alone, [alone]],
    ...endpoints.map((endpoint) => [endpoint, cellsOf(endpoint, counts)]),
  ].filter(([{ name }]) => only.includes(name));
  for (const [part, cells] of wanted) {
    await measureCells(execPath, node, cells, races);
    printEndpoint(node, part, cells, races);
    if (part.name === 'cpu') printCost(result.cost);
  }
  if (only.includes(runCase.name)) {
    await measureCells(execPath, node, [runCase], races);
    printRun(node, runCase, races.run);
  }
  printWanted(races);
  return result;
}

if (found.skip) console.log(`FastAPI is left out: ${found.skip}`);
else
  console.log(
    Object.entries(found.versions)
      .map((entry) => entry.join(' '))
      .join(', '),
  );
console.log(`Requests by ${tool}; two workers each for CPU work.`);
const written = new Results();
const results = [];
for (const execPath of values.quick && !values.node ? [process.execPath] : nodes(values.node)) {
  const node = spawnSync(execPath, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  results.push(await measure(execPath, node));
}

written.writeJson('web.json', { tool, python: found.versions ?? null, rounds, results });
const hammered = endpoints.filter(({ name }) => only.includes(name)).flatMap((one) => cellsOf(one, counts));
const drawn = [
  [
    'web-ping.svg',
    'of /ping while an endpoint is hammered',
    [...(only.includes(alone.name) ? [alone] : []), ...hammered],
    (one) => one,
  ],
  ['web-endpoint.svg', 'of an endpoint that blocks', hammered, ownOf],
];
for (const [name, of, cells, look] of drawn) {
  if (cells.length === 0) continue;
  const picture = plot(
    results.map(({ node, races }) => ({
      node,
      race: Object.fromEntries(cells.map((cell) => [cell.name, look(races[cell.name])])),
    })),
    {
      title: `Requests per second ${of}`,
      about: `Requests per second ${of} (log scale; longer is faster)`,
      cases: cells,
      libraries: everyone,
      low: 0,
      high: 5,
    },
  );
  written.write(name, picture);
}
written.say();
