/**
 * `npm run soak:thread`: calls of runInThread of every kind, with deaths, timeouts and callbacks among them. Each answer
 * has to be its own call's, and nothing of a call may stay behind.
 *
 *   --calls <n>    200,000 unless told
 *   --seed <n>     the same seed gives the same calls; one of its own unless told
 *   --json         the summary as JSON, for the test
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { explain } from 'isthmus';
import { random as seeded } from '../matrix/random.mjs';
import { acts, deal } from './thread/acts.mjs';
import { recipes } from './thread/errors.mjs';
import * as f from './thread/functions.mjs';
import { makeReferee } from './thread/referee.mjs';
import { progressBar, summary } from './thread/report.mjs';
import { randomValues } from './thread/values.mjs';

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    json: { type: 'boolean', default: false },
  },
});
const calls = Number(options.calls);
const seed = Number(options.seed);
if (!(Number.isInteger(calls) && calls > 0 && Number.isInteger(seed))) {
  console.error('isthmus: --calls and --seed are whole numbers');
  process.exit(2);
}

// For the threads that are started from now on: the one that runs out of memory shall do so soon.
setFlagsFromString('--max-old-space-size=64');
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Bytes that may have been added by the end, whatever the number of calls: caches, and what the allocator keeps. */
const most = { heap: 8 * 2 ** 20, rss: 128 * 2 ** 20, threads: 1, descriptors: 8 };
/** Calls after which memory is measured first: the first ones fill caches, compile code and have had a thread die. */
const warm = Math.min(10_000, Math.floor(calls / 4));

const turn = () => new Promise((resolve) => setImmediate(resolve));
const nap = new Int32Array(new SharedArrayBuffer(4));

async function measure() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  const entries = (path) => readdirSync(path).length;
  return {
    heap: heapUsed,
    rss,
    threads: entries('/proc/self/task'),
    descriptors: entries('/proc/self/fd'),
  };
}

const started = () => explain(f.echo).thread.started;

async function soak() {
  const random = seeded(seed);
  const values = randomValues(random);
  const recipe = recipes(random, values);
  const referee = makeReferee(started);
  const bar = progressBar(calls, process.stderr);
  const done = Object.fromEntries(
    Object.entries(acts).map(([name, { group = 'calls' }]) => [name, { group, calls: 0, ms: 0 }]),
  );
  const began = performance.now();
  let start;
  let deck = [];
  let token = 0;
  const next = () => token++;
  while (token < calls) {
    if (start === undefined && token >= warm) start = await measure();
    if (deck.length === 0) deck = deal(random);
    const name = deck.pop();
    const mine = next();
    // Now and then the thread has gone back to its event loop, and this thread's loop gets a turn.
    if (random.below(200) === 0) Atomics.wait(nap, 0, 0, 2);
    if (random.below(200) === 0) await turn();
    const given = { token: mine, next, random, values, started, ...referee };
    given.value = values.any();
    given.other = values.any();
    given.recipe = recipe(mine);
    const from = performance.now();
    try {
      acts[name].play(given);
    } catch (error) {
      bar.end();
      error.message = `seed ${seed}, call ${mine}, ${name}: ${error.message}`;
      throw error;
    }
    done[name].calls += token - mine;
    done[name].ms += performance.now() - from;
    bar.at(token);
  }
  bar.end();
  const ms = performance.now() - began;
  return {
    done,
    tally: referee.tally,
    threads: started(),
    ms,
    calls: token,
    memory: { start, end: await measure() },
  };
}

function assertSmall({ start, end }) {
  for (const [key, bound] of Object.entries(most)) {
    const grown = end[key] - start[key];
    if (grown > bound) throw new Error(`${key} grew by ${grown}, from ${start[key]} to ${end[key]}`);
  }
}

if (!options.json)
  console.log(`seed ${seed}, ${calls.toLocaleString('en')} calls, Node ${process.versions.node}`);
try {
  const result = await soak();
  console.log(options.json ? JSON.stringify(result) : summary(result));
  assertSmall(result.memory);
} catch (error) {
  console.error(`isthmus: ${error.stack}`);
  process.exitCode = 1;
}
