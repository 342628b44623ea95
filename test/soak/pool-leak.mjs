// Pools that come and go, or many tasks of one pool, in a process of their own: node --expose-gc pool-leak.mjs <kind> <count>
// [leak]. Prints what was there before anything, at the half and at the end. `leak` keeps something of each, to see the test fail.
import { getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool, Limiter, toThread } from 'isthmus';
import * as f from '../offload/functions.mjs';
import * as host from '../offload/host.mjs';
import * as t from '../thread/functions.mjs';
import * as r from '../thread/reference-functions.mjs';
import * as own from './pool/functions.mjs';

const [kind, count, leak] = process.argv.slice(2);
const { signal } = new AbortController();
const kept = [];
/** Things of a user's that were handed over, and have not been collected since. */
let held = 0;
const registry = new FinalizationRegistry(() => held--);

function watched(object) {
  held++;
  registry.register(object);
  if (leak !== undefined) kept.push(object);
  return object;
}

const swallow = () => {};

/** A pool that works, and ends in one way or another. */
async function aPool(i) {
  const pool = watched(createPool({ size: 1 + (i % 2), idleTimeout: i % 3 === 0 ? 0 : 1000 }));
  const limiter = new Limiter(1);
  const running = pool.with({ signal, timeout: 60_000, limiter }).run(t.add, i, 1);
  const called = pool.run(f.callOnce, async () => i);
  if (i % 4 === 0) {
    await Promise.all([running, called]);
    const lost = pool.run(t.spin).catch(swallow);
    await pool.destroy();
    await lost;
  } else {
    await pool.close();
    await Promise.all([running, called]);
  }
}

const pool = kind === 'tasks' ? createPool({ size: 2 }) : undefined;
const limiter = new Limiter(8);
const part = limiter.reserve(2);
if (pool !== undefined) host.setPool(pool.with({ limiter }));

/** One task of each kind, in turn. */
const acts = [
  (i) => pool.with({ signal }).run(t.add, i, 1),
  (i) => pool.with({ timeout: 60_000, limiter }).run(t.add, i, 1),
  (i) =>
    pool.run(
      f.callTwice,
      watched((n) => n + i),
    ),
  (i) =>
    pool.run(
      f.sumUp,
      watched(
        (async function* () {
          yield i;
          yield i;
        })(),
      ),
    ),
  async (i) => {
    for await (const value of pool.each(f.numbers, 20)) if (value === i % 20) break;
  },
  (i) => pool.with({ signal, limiter: part }).run(f.asksPool, i),
  () =>
    pool
      .with({ signal: watched(AbortSignal.timeout(60_000)) })
      .run(t.fail, 'mine')
      .catch(swallow),
  () => pool.with({ onProgress: watched(() => {}) }).run(f.steps, 2),
  (i) => pool.run(t.echo, watched(new Uint8Array(i % 2 === 0 ? 100 : 20_000))),
  () => pool.run(f.asksCounter),
  () => {
    const abort = watched(new AbortController());
    const left = pool.with({ signal: abort.signal }).run(t.add, 1, 2).catch(swallow);
    abort.abort();
    return left;
  },
  () => pool.run(t.echo, () => {}).catch(swallow),
  () => pool.run(r.isAborted, signal),
];

async function tasks(from, to) {
  let next = from;
  const player = async () => {
    while (next < to) {
      const i = next++;
      await acts[i % acts.length](i);
    }
  };
  await Promise.all(Array.from({ length: 32 }, player));
}

async function pools(from, to) {
  for (let i = from; i < to; i++) await aPool(i);
}

const work = { pools, tasks }[kind];

async function measure() {
  // What was given up may be on its way to its end, and finalizers come when they like.
  for (let i = 0; i < 8; i++) {
    await sleep(25);
    globalThis.gc();
  }
  return {
    heap: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length,
    descriptors: descriptors(),
    threads: readdirSync('/proc/self/task').length,
    listeners: getEventListeners(signal, 'abort').length,
    held,
    there: pool === undefined ? 0 : await heapThere(),
  };
}

/** Node 20 leaves the entry's file open when a Worker is terminated while it reads that. */
const leaves = process.version.startsWith('v20.') ? 'pool-worker.js' : undefined;

function descriptors() {
  const targets = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return 'the folder itself';
    }
  });
  return targets.filter((target) => leaves === undefined || !target.endsWith(leaves)).length;
}

/** Bytes in the heap of the pool's fullest worker. */
async function heapThere() {
  const seen = await Promise.all(Array.from({ length: 16 }, () => pool.run(own.heapUsed)));
  return Math.max(...seen);
}

const total = Number(count);
// The package's own pool, and what Node starts with the first thread, are there to stay.
await toThread(t.add, 1, 2);
const start = await measure();
await work(0, total / 2);
const middle = await measure();
await work(total / 2, total);
const end = await measure();
await pool?.close();
const over = readdirSync('/proc/self/task').length - start.threads;
console.log(JSON.stringify({ start, middle, end, over, limiter: limiter.stats() }));
