/**
 * `npm run soak:pool`: tasks of every kind, with deaths, aborts and timeouts among them. Every promise has to settle, with its
 * own task's answer; no task may run twice; and the pool has to end as healthy as it began.
 *
 *   --calls <n>    100,000 unless told
 *   --kind <kind>  thread, unless it is process
 *   --seed <n>     the same seed deals the same tasks; one of its own unless told
 *   --json         the summary as JSON, for the test
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createPool, Limiter } from 'isthmus';
import { random as seeded } from '../matrix/random.mjs';
import * as f from './pool/functions.mjs';

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    kind: { type: 'string', default: 'thread' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    json: { type: 'boolean', default: false },
  },
});
const calls = Number(options.calls);
const seed = Number(options.seed);
const { below } = seeded(seed);

const SIZE = 3;
const IN_FLIGHT = 64;
/** ms after which a task that has not settled never will: deaths of threads take a while where memory runs out. */
const LOST = 60_000;

const { kind } = options;
const pool = createPool({ kind, size: SIZE, memory: 64 });
const narrow = new Limiter(2, { name: 'narrow' });
/** How often each task has begun: shared memory, or a file with a byte for each. */
const folder = mkdtempSync(join(tmpdir(), 'isthmus-soak-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const begun = kind === 'process' ? join(folder, 'begun') : new SharedArrayBuffer(calls * 4);
if (kind === 'process') writeFileSync(begun, new Uint8Array(calls));
const timesOf = () => (kind === 'process' ? readFileSync(begun) : new Int32Array(begun));
const digest = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const DEATHS = new Set(['ERR_ISTHMUS_THREAD_DIED', 'ERR_ISTHMUS_PROCESS_DIED']);
const GIVEN_UP = new Set(['given up', 'ERR_ISTHMUS_TIMEOUT']);

async function aValue(id) {
  const size = [5, 200, 3000, 20_000][id % 4];
  const value = { id, text: 'x'.repeat(size) };
  const run = pool.with({
    ...(id % 5 === 0 && { limiter: narrow }),
    ...(id % 11 === 0 && { priority: id % 3 }),
  }).run;
  assert.deepEqual(await run(id % 2 === 0 ? f.sync : f.later, begun, id, value), [id, digest(value)]);
}

async function bytesOf(id) {
  const size = [0, 100, 40_000, 300_000][id % 4];
  const bytes = Buffer.alloc(size, id % 256);
  const back = await pool.run(f.bytes, begun, id, bytes);
  assert.ok(Buffer.isBuffer(back) && back.equals(bytes));
}

const failing = (fn, check) => async (id) => {
  const thrown = await pool.run(fn, begun, id).then(
    () => assert.fail('it settled with a value'),
    (error) => error,
  );
  check(thrown, id);
};

function whenBegun(id, work) {
  if (timesOf()[id] > 0) work();
  else setTimeout(() => whenBegun(id, work), 1);
}

/** Given up while it runs, or after a few milliseconds, wherever it is then. */
const givenUp = (fn, grace) => async (id) => {
  const abort = new AbortController();
  const limits = id % 2 === 0 ? { signal: abort.signal } : { timeout: id % 7 };
  const promise = pool.with({ ...limits, grace }).run(fn, begun, id);
  const giveUp = () => abort.abort('given up');
  if (id % 4 === 0) whenBegun(id, giveUp);
  else if (id % 2 === 0) setTimeout(giveUp, id % 5);
  const thrown = await promise.then(
    () => assert.fail('it settled with a value'),
    (error) => error,
  );
  assert.ok(GIVEN_UP.has(thrown.code ?? thrown), String(thrown));
};

async function listOf(id) {
  const seen = [];
  for await (const value of pool.each(f.counts, begun, id, 40)) {
    seen.push(value);
    if (id % 2 === 0 && seen.length === 5) break;
  }
  assert.deepEqual(
    seen,
    seen.map((_, i) => id + i),
  );
  assert.equal(seen.length, id % 2 === 0 ? 5 : 40);
}

/** How often of a thousand, and what. */
const acts = {
  'a value': [600, aValue],
  bytes: [120, bytesOf],
  'an error': [
    80,
    failing(f.fails, (thrown, id) => assert.ok(thrown instanceof RangeError && thrown.id === id)),
  ],
  'a result that cannot be cloned': [
    40,
    failing(f.uncloneable, ({ code, path }) =>
      assert.deepEqual([code, path], ['ERR_ISTHMUS_UNCLONEABLE', 'result.id']),
    ),
  ],
  'a callback': [
    50,
    async (id) =>
      assert.deepEqual(await pool.run(f.callsBack, begun, id, async (n) => n * 2), [id, id * 4 + 2]),
  ],
  'a call inside a call': [
    50,
    async (id) => {
      const inside = async (n) => pool.with({ ...(id % 3 === 0 && { limiter: narrow }) }).run(f.twice, n);
      assert.deepEqual(await pool.run(f.callsBack, begun, id, inside), [id, id * 4 + 2]);
    },
  ],
  'an iteration': [30, listOf],
  'given up, and told': [40, givenUp(f.looks, 1000)],
  'given up, and ended': [15, givenUp(f.deaf, 5)],
  'an exit': [15, failing(f.exits, ({ code }) => assert.ok(DEATHS.has(code), code))],
  'an uncaught error': [8, failing(f.crashes, ({ code }) => assert.ok(DEATHS.has(code), code))],
  'out of memory': [2, failing(f.outOfMemory, ({ code }) => assert.ok(DEATHS.has(code), code))],
};
if (kind === 'process')
  acts['killed by the system'] = [10, failing(f.killed, ({ code }) => assert.ok(DEATHS.has(code), code))];
const total = Object.values(acts).reduce((sum, [weight]) => sum + weight, 0);

function deal() {
  let left = below(total);
  for (const [name, [weight]] of Object.entries(acts)) {
    left -= weight;
    if (left < 0) return name;
  }
}

const done = Object.fromEntries(Object.keys(acts).map((name) => [name, 0]));
let next = 0;
async function player() {
  while (next < calls) {
    const id = next++;
    const name = deal();
    let timer;
    const lost = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('it never settled')), LOST);
    });
    try {
      await Promise.race([acts[name][1](id), lost]);
    } catch (error) {
      throw new Error(`task ${id}, ${name}: ${error.message}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    done[name]++;
    if (process.stderr.isTTY && id % 500 === 0) process.stderr.write(`\r\x1b[K${id} of ${calls} tasks`);
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: IN_FLIGHT }, player));
const ms = performance.now() - began;
// What was given up may still be on its way to its end.
for (const end = performance.now() + LOST; pool.stats().running > 0; ) {
  assert.ok(performance.now() < end, 'something runs for ever');
  await new Promise((resolve) => setTimeout(resolve, 5));
}
// Whoever has stood in for another is ended a little later.
for (const end = performance.now() + LOST; pool.stats().workers.length > SIZE; ) {
  assert.ok(performance.now() < end, `${pool.stats().workers.length} workers`);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const stats = pool.stats();
const twice = timesOf().findIndex((times) => times > 1);
assert.equal(twice, -1, `task ${twice} has run twice`);
assert.deepEqual([stats.queued, stats.running, stats.abandoned], [0, 0, 0]);
assert.deepEqual([narrow.stats().used, narrow.stats().waiting], [0, 0]);
await pool.run(f.sync, begun, 0, 1);
await pool.destroy();
const threads = readdirSync('/proc/self/task').length;
const summary = { kind, seed, calls, ms, done, started: stats.started, deaths: stats.deaths, threads };
console.log(options.json ? JSON.stringify(summary) : summary);
