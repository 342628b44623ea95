// Random trees of nested calls, in a process of their own: node stress.mjs <seed> <runs> [worker]. The model: each call
// gets its own value or its own error, AsyncLocalStorage is right at every step, and the depth returns to nothing.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { stat } from 'node:fs';
import { isMainThread, MessageChannel, Worker, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { run } from 'isthmus';

const storage = new AsyncLocalStorage();
const channels = [];
let current = '';

/** Each calls `callback` later, from the kind of place that it names. */
const places = {
  microtask: (callback) => queueMicrotask(callback),
  tick: (callback) => process.nextTick(callback),
  immediate: (callback) => setImmediate(callback),
  timer: (callback, delay) => setTimeout(callback, delay),
  fs: (callback) => stat('/', callback),
  port: (callback) => {
    const { port1, port2 } = channels.pop() ?? new MessageChannel();
    // A message arrives in the context of its port, as with any emitter: the callback is bound to its own.
    const bound = AsyncLocalStorage.bind(callback);
    port2.ref();
    port2.once('message', () => {
      port2.unref();
      channels.push({ port1, port2 });
      bound();
    });
    port1.postMessage(0);
  },
};

const ends = ['value', 'error', 'timeout', 'abort'];
const { tree } = fc.letrec((tie) => ({
  tree: fc.record({
    place: fc.constantFrom(...Object.keys(places)),
    delay: fc.integer({ min: 0, max: 4 }),
    end: fc.oneof({ arbitrary: fc.constant('value'), weight: 4 }, fc.constantFrom(...ends)),
    async: fc.boolean(),
    before: fc.boolean(),
    children: fc.oneof(
      { maxDepth: 6, depthSize: 'max', withCrossShrink: true },
      { arbitrary: fc.constant([]), weight: 1 },
      { arbitrary: fc.array(tie('tree'), { minLength: 1, maxLength: 3, size: 'max' }), weight: 2 },
    ),
  }),
}));

let calls = 0;
const where = (id) => assert.equal(storage.getStore(), id, 'AsyncLocalStorage');

/** The same after some steps of an async function. */
async function slowly(work, id) {
  where(id);
  await work;
  where(id);
  await null;
  where(id);
  return work;
}

/** One call: its promise settles in a callback in which its children are called. */
function call(node) {
  const id = ++calls;
  const outer = storage.getStore();
  const failure = new Error(`error ${id}`);
  const controller = new AbortController();
  const never = node.end === 'timeout' || node.end === 'abort';
  const nest = (child) => {
    call(child);
    where(id);
  };
  const body = (settle) => {
    where(id);
    const half = node.before ? node.children.length : Math.floor(node.children.length / 2);
    for (const child of node.children.slice(0, half)) nest(child);
    if (node.end === 'abort') controller.abort(failure);
    else settle();
    for (const child of node.children.slice(half)) nest(child);
  };
  storage.run(id, () => {
    const work = new Promise((resolve, reject) => {
      const settle = () => (node.end === 'error' ? reject(failure) : never ? undefined : resolve(id));
      places[node.place](() => {
        try {
          body(settle);
        } catch (error) {
          reject(error);
          broken ??= error;
        }
      }, node.delay);
    });
    const awaited = node.async ? slowly(work, id) : work;
    const options =
      node.end === 'timeout'
        ? { timeout: node.delay }
        : node.end === 'abort'
          ? { signal: controller.signal }
          : undefined;
    let outcome;
    try {
      outcome = ['value', run(awaited, options)];
    } catch (error) {
      outcome = ['error', error];
    }
    where(id);
    if (node.end === 'value') assert.deepEqual(outcome, ['value', id]);
    else if (node.end === 'timeout') assert.equal(outcome[1].code, 'ERR_ISTHMUS_TIMEOUT');
    else assert.equal(outcome[1], failure);
  });
  assert.equal(storage.getStore(), outer);
}

let broken;
/** A tree, called from the place that `from` names; then everything that is left over is let through. */
async function check([from, roots]) {
  broken = undefined;
  const told = roots.map(
    (root) =>
      new Promise((resolve, reject) => {
        places[from](() => {
          try {
            call(root);
            resolve();
          } catch (error) {
            reject(error);
          }
        }, 1);
      }),
  );
  for (const result of await Promise.allSettled(told)) if (result.status === 'rejected') throw result.reason;
  // Callbacks of calls that were released early still run, and may call in turn; this may resume on top of them.
  let seen;
  do {
    seen = calls;
    await new Promise((resolve) => setTimeout(resolve, 6));
    await new Promise((resolve) => setImmediate(resolve));
  } while (calls !== seen || run.stats().depth > 0);
  if (broken) throw broken;
  assert.equal(run.stats().depth, 0);
}

async function stress([seed, runs]) {
  const property = fc.asyncProperty(
    fc.constantFrom(...Object.keys(places)),
    fc.array(tree, { minLength: 1, maxLength: 3 }),
    (from, roots) => {
      current = JSON.stringify([from, roots]);
      return check([from, roots]);
    },
  );
  await fc.assert(property, { seed: Number(seed), numRuns: Number(runs), endOnFailure: true });
  console.log(JSON.stringify({ calls, maxDepth: run.stats().maxDepth, waits: run.stats().waits }));
}

process.on('SIGTERM', () => {
  console.error(`stuck in ${current}`);
  process.exit(1);
});

const asked = isMainThread ? process.argv.slice(2) : workerData;
if (isMainThread && asked[2] === 'worker') {
  new Worker(new URL(import.meta.url), { workerData: asked });
} else {
  const keepAlive = setInterval(() => {}, 60_000);
  await stress(asked);
  clearInterval(keepAlive);
  process.exit(0);
}
