// What the tests of this room run on a pool's threads, beside the functions of test/thread.
import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { setTimeout as later } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import {
  carry,
  checkCancelled,
  currentSignal,
  fromThread,
  handBack,
  registerClass,
  report,
  toThread,
  transfer,
} from 'isthmus';
import * as host from './host.mjs';

export const where = () => threadId;
export const sum = (...values) => values.reduce((a, b) => a + b, 0);

/** Blocks its thread until the word is 1; tells by the next one that it runs. */
export function untilFree(words, at = 0, value = undefined) {
  const shared = new Int32Array(words);
  Atomics.add(shared, at + 1, 1);
  Atomics.notify(shared, at + 1);
  while (Atomics.load(shared, at) === 0) Atomics.wait(shared, at, 0, 1000);
  return value;
}

/** Words of its worker's own, so that what is sent afterwards is small. */
let marked;
export const keepsWords = (memory) => {
  marked = new Int32Array(memory);
};
/** The same for each of so many workers: none goes on before all have come. */
export function allKeepWords(memory, count) {
  keepsWords(memory);
  Atomics.add(marked, 2, 1);
  Atomics.notify(marked, 2);
  for (let come = 1; come < count; come = Atomics.load(marked, 2)) Atomics.wait(marked, 2, come, 1000);
}
export function meets(own, other) {
  marks(own);
  while (Atomics.load(marked, other) === 0) Atomics.wait(marked, other, 0, 1000);
}
export function marks(at) {
  Atomics.store(marked, at, 1);
  Atomics.notify(marked, at);
}

/** A sync loop that looks; tells by a word that it runs, and by the next one that it has ended. */
export function untilCancelled(words) {
  const shared = new Int32Array(words);
  Atomics.store(shared, 0, 1);
  try {
    for (;;) checkCancelled();
  } finally {
    Atomics.store(shared, 1, 1);
  }
}

/** One that does not. */
export function deaf(words) {
  Atomics.store(new Int32Array(words), 0, 1);
  for (;;);
}

export async function untilSignal(words) {
  const shared = new Int32Array(words);
  const signal = currentSignal();
  Atomics.store(shared, 0, 1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  Atomics.store(shared, 1, signal.reason?.message === 'enough' ? 1 : 2);
  throw signal.reason;
}

export function noted(file, what) {
  appendFileSync(file, `${what}\n`);
  return what;
}

export function notedAndExit(file, what, code) {
  noted(file, what);
  process.exit(code);
}

export async function steps(n, ms = 0) {
  for (let i = 1; i <= n; i++) {
    if (ms > 0) await later(ms);
    report({ done: i, of: n });
  }
  return n;
}

export function reportBad() {
  report(() => {});
}

let made = 0;
export function* numbers(n) {
  try {
    for (let i = 0; i < n; i++) {
      made++;
      yield i;
    }
    return 'the end';
  } finally {
    closed++;
  }
}
let closed = 0;
export const counts = () => ({ made, closed });
export async function* slowly(n, ms) {
  for (let i = 0; i < n; i++) {
    await later(ms);
    yield { i };
  }
}
export function* breaksAfter(n) {
  for (let i = 0; i < n; i++) yield i;
  throw new RangeError('broken');
}
export async function* breaks() {
  yield 1;
  throw new RangeError('broken');
}
export const callTwice = async (callback) => [await callback(1), await callback(2)];
export const callOnce = async (callback) => callback();
export async function callThenWait(memory, callback) {
  await callback();
  untilFree(memory);
}
export async function sumUp(source) {
  let total = 0;
  for await (const value of source) total += value;
  return total;
}
/** Notes by words how many of it run now, and the most there have been. */
export async function overlaps(memory) {
  const shared = new Int32Array(memory);
  const now = Atomics.add(shared, 0, 1) + 1;
  for (let most = Atomics.load(shared, 1); most < now; most = Atomics.load(shared, 1))
    Atomics.compareExchange(shared, 1, most, now);
  await later(2);
  Atomics.sub(shared, 0, 1);
}
export const callBadly = async (callback) => {
  try {
    await callback();
  } catch (error) {
    return [error instanceof RangeError, error.message];
  }
};
let kept;
export const keepCallback = (callback) => {
  kept = callback;
};
export const useKept = () => kept(1);
export const halve = async (n) => {
  await later((n * 7) % 5);
  if (n === 13) throw new RangeError('13');
  return n / 2;
};
export const moved = (bytes) => bytes;
export const twoWays = async (a, b) => [a.constructor.name, b.byteLength];
export const nested = async (n) => (await toThread(sum, n, 1)) * 2;
/** A task that waits for one of its own kind, and so on. */
export const endless = async () => toThread(endless);

export const asks = (...args) => [threadId, fromThread.run(host.answer, ...args)];
export const asksTwice = async (n) => {
  const first = fromThread.run(host.answer, n);
  await later(1);
  return [first[1], fromThread.run(host.answer, first[1])[1]];
};
export const asksCounter = () => fromThread.run(host.next);
export const asksBadly = (kind) => {
  try {
    return fromThread.run(host.fails, kind);
  } catch (error) {
    return [error.constructor.name, error.code ?? error.message];
  }
};
export const asksPool = (n) => fromThread.run(host.usesPool, n);
export const asksOverlaps = (memory) => fromThread.run(host.overlapsInPool, memory);
export const asksGate = (_) => fromThread.run(host.gated);
/** A task within a task, so many. */
export const asksDown = (n) => (n === 0 ? 0 : 1 + fromThread.run(host.goesDown, n - 1));
export const asksForEver = (words) => {
  Atomics.store(new Int32Array(words), 0, 1);
  return fromThread.run(host.never);
};
export const asksWho = () => fromThread.run(host.who);
export const asksUnknown = () => fromThread.run(() => 5);
export const asksLater = () => {
  setTimeout(() => {
    try {
      fromThread.run(host.next);
      told = 'nothing was thrown';
    } catch (error) {
      told = error.code;
    }
  }, 1);
};
let told;
export const whatWasTold = () => told;

export const reasonOf = (signal) => (signal.aborted ? signal.reason : waitsFor(signal));
export const waitsFor = (signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
export const gives = (what) => (what === 'generator' ? numbers(2) : [1, 2].values());
/** Its error comes when it is over. */
export const lateError = (ms) => {
  setTimeout(() => {
    throw new RangeError('late');
  }, ms);
};
/** Its worker ends when it has nothing to do. */
export const endsLater = (how) => {
  setTimeout(() => {
    if (how === 'an exit') process.exit(1);
    if (how === 'a rejection') Promise.reject(new RangeError('late'));
    else throw new RangeError('late');
  }, 1);
};

let last;
const isGone = () => (last === undefined ? undefined : last.byteLength === 0);
/** Moves what it is given back, and tells what has become of what it moved before. */
export function movesBack(bytes) {
  last = bytes;
  return transfer(bytes);
}
export const wasMoved = () => isGone();
export function movesInside(size) {
  last = new Uint8Array(size).fill(7);
  return transfer({ pixels: last }, [last.buffer]);
}
export const movesBadly = (kind) => (kind === 'text' ? transfer('text') : transfer({}));
export const movesTwice = (bytes) => transfer(bytes, [bytes.buffer, bytes.buffer]);

/** It cannot be put together on the other side. */
export class Fragile {}
registerClass(Fragile, {
  name: 'test Fragile',
  encode: () => 1,
  decode: () => {
    throw new RangeError('fragile');
  },
});
export const fragile = () => new Fragile();
export function* fragiles() {
  yield new Fragile();
}
export const reportFragile = () => report(new Fragile());

export const takesFragile = () => 'it was called';

export const ledger = carry('test ledger', new AsyncLocalStorage());
export function* ledgers(n) {
  for (let i = 0; i < n; i++) yield ledger.getStore();
}
export async function* ledgersLater(n) {
  for (let i = 0; i < n; i++) yield later(1).then(() => ledger.getStore());
}
export const ledgersOf = (n) => [ledger.getStore(), ledgers(n)][1];
/** What a store holds goes back as it is at the end. */
export async function spends(amount, how) {
  const held = ledger.getStore();
  if (how !== 'silently') handBack(ledger);
  if (Array.isArray(held)) held.push(amount);
  else if (held instanceof Map) held.set('spent', amount);
  else if (held instanceof Set) held.add(amount);
  else {
    held.spent = (held.spent ?? 0) + amount;
    delete held.gone;
  }
  await later(1);
  if (how === 'and throws') throw new RangeError('broke');
  if (how === 'badly') held.bad = () => {};
  return amount;
}
const lonely = new AsyncLocalStorage();
export const handsBackBadly = () => handBack(lonely);

/** Its result is nested so deep. */
export function nests(depth) {
  let value = {};
  for (let i = 0; i < depth; i++) value = { in: value };
  return value;
}
export const throwsNested = (depth) => {
  throw Object.assign(new RangeError('deep'), { value: nests(depth) });
};
export const hidesGenerator = () => ({ a: numbers(2) });

/** Functions that are given others, and give what is called instead. */
let doublers = 0;
export const doubled = (fn) => {
  doublers++;
  return (...args) => fn(...args) * 2;
};
export const doublersOf = () => doublers;
export const doubledLater = async (fn) => async (n) => (await fn(n)) * 2;
export const reversed = (fn) => (n) => [...fn(n)].reverse();
export const noFunction = () => 5;
export const failsToMake = () => {
  throw new RangeError('cannot make it');
};

/** The priority of this thread, and those of all of its process's, once the runtime's threadpool is there. */
export async function niceOf() {
  await readFile(import.meta.filename);
  const all = readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
  return { nice: getPriority(), all };
}
