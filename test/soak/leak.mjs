// Many calls of one kind, in a process of their own: node --expose-gc leak.mjs <kind> <calls> [leak]. Prints what grew
// between the half and the end. `leak` keeps something of each call, to see the test fail.
import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { run, turn } from 'isthmus';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const aborted = AbortSignal.abort(new Error('aborted'));
async function* three() {
  for (let i = 0; i < 3; i++) yield await i;
}
const refused = (call) => {
  try {
    call();
  } catch {
    return;
  }
  throw new Error('it was to throw');
};

/** How each kind makes `count` calls; the slow ones make them in batches that wait together. */
const kinds = {
  settled: (count) => each(count, () => run(Promise.resolve(1))),
  microtask: (count) => each(count, () => run((async () => await null)())),
  immediate: (count) => each(count, () => run(new Promise((resolve) => setImmediate(resolve)))),
  fs: (count) => each(count, () => run(stat('/'))),
  rejected: (count) => each(count, () => refused(() => run(Promise.reject(new Error('rejected'))))),
  timeout: (count) => each(count, () => refused(() => run(new Promise(() => {}), { timeout: 0 }))),
  aborted: (count) => each(count, () => refused(() => run(new Promise(() => {}), { signal: aborted }))),
  each: (count) =>
    each(count, () => {
      for (const value of run.each(three())) if (value === 1) break;
    }),
  timer: (count) =>
    inBatches(count, (size) => run(Promise.all(Array.from({ length: size }, () => within(() => sleep(1)))))),
  turn: (count) => inBatches(count, (size) => Promise.all(Array.from({ length: size }, gated))),
};

async function gated() {
  await turn();
  run(new Promise((resolve) => setImmediate(resolve)));
}
/** A call made in a timer's callback. */
const within = (work) =>
  new Promise((resolve) => {
    setTimeout(() => resolve(run(work())), 1);
  });

function each(count, call) {
  for (let i = 0; i < count; i++) call();
}
async function inBatches(count, batch) {
  for (let i = 0; i < count; i += 50) await batch(50);
}

const [kind, calls, leak] = process.argv.slice(2);
const kept = [];

async function measure() {
  for (let i = 0; i < 4; i++) {
    await sleep(20);
    globalThis.gc();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return {
    heap: heapUsed,
    rss,
    handles: process.getActiveResourcesInfo().length,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  };
}

async function half() {
  if (leak === undefined) return kinds[kind](calls / 2);
  for (let i = 0; i < calls / 2; i += 500) {
    await kinds[kind](500);
    for (let j = 0; j < 500; j++) kept.push(Promise.resolve({ i, j }));
  }
}

// The first calls fill caches and compile code.
await kinds[kind](Math.min(calls / 2, 10_000));
const start = await measure();
await half();
const middle = await measure();
await half();
const end = await measure();
console.log(JSON.stringify({ start, middle, end, depth: run.stats().depth, waits: run.stats().waits }));
