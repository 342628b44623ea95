// What the tests of references call on the other thread.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { carry, currentSignal, registerClass } from 'isthmus';

export const sumOf = async (source) => {
  let sum = 0;
  for await (const n of source) sum += n;
  return sum;
};
export const firstOf = async (source, n) => {
  const found = [];
  for await (const value of source) {
    found.push(value);
    if (found.length === n) break;
  }
  return found;
};
/** Both at once: each waits for its own steps. */
export const both = async (a, b) => Promise.all([sumOf(a), sumOf(b)]);
/** The loop of this thread goes on while a step is waited for. */
export async function ticksDuring(source) {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  for await (const _ of source);
  clearInterval(timer);
  return ticks;
}
export async function throwInto(source) {
  const iterator = source[Symbol.asyncIterator]();
  await iterator.next();
  return (await iterator.throw(new RangeError('into'))).value;
}
let kept;
export const keepSource = async (source, begin = false) => {
  kept = source[Symbol.asyncIterator]();
  if (begin) await kept.next();
};
export const nextOfKept = async () => (await kept.next()).value;

export const isAborted = (signal) => [signal.aborted, signal.reason];
export const instanceOfSignal = (options) => options.signal instanceof AbortSignal;
export async function untilAborted(signal, callback) {
  const aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
  callback();
  return [signal.aborted, await aborted];
}

let open = 0;
export const openNow = () => open;
export async function* count(n, callback) {
  open++;
  try {
    for (let i = 0; i < n; i++) {
      await null;
      yield callback ? callback(i) : i;
    }
    return 'end';
  } finally {
    await null;
    open--;
  }
}
export function* countSync(n) {
  for (let i = 0; i < n; i++) yield i;
}
export const listOf = async (n) => Array.from({ length: n }, (_, i) => Promise.resolve(i));
export async function* fails() {
  yield 1;
  throw new TypeError('in the source');
}
export async function* slow() {
  yield 0;
  await sleep(60_000, undefined, { signal: currentSignal() });
}
export async function* echoes() {
  let given = 'first';
  for (;;) {
    try {
      given = yield given;
    } catch (error) {
      given = `caught ${error.message}`;
    }
  }
}
export async function* objects() {
  yield { plain: true };
  yield new Cell(5);
}
export const noSource = () => 5;
export const returnsSource = () => count(3);

export class Cell {
  #value;
  constructor(value) {
    this.#value = value;
  }
  async get() {
    await null;
    return this.#value;
  }
}

export class Money {
  constructor(amount, currency) {
    this.amount = amount;
    this.currency = currency;
  }
  toString() {
    return `${this.amount} ${this.currency}`;
  }
}
registerClass(Money, { name: 'test Money' });

export class Secret {
  #text;
  constructor(text) {
    this.#text = text;
  }
  get text() {
    return this.#text;
  }
}
registerClass(Secret, {
  name: 'test Secret',
  encode: (secret) => ({ text: secret.text }),
  decode: ({ text }) => new Secret(text),
});
export const double = (money) => new Money(money.amount * 2, money.currency);
export const isMoney = (value) => value instanceof Money && String(value);
export const reverse = (secret) => new Secret([...secret.text].reverse().join(''));

/** Of the same module as the function, and not registered. */
export class QuotaError extends RangeError {
  constructor(left) {
    super(`${left} left`);
    this.left = left;
  }
  get isQuota() {
    return true;
  }
}
export class SubError extends QuotaError {}
class HiddenError extends Error {}
export class NamedError extends Error {
  name = 'NamedError';
}
registerClass(NamedError, { name: 'test NamedError' });
export function fail(kind) {
  if (kind === 'quota') throw new QuotaError(3);
  if (kind === 'sub') throw new SubError(4);
  if (kind === 'named') throw new NamedError('named');
  throw new HiddenError('hidden');
}

/** Of what class is what the callback throws, and what stands in the argument, here? */
export function quotaOf(callback, error) {
  const isQuota = (value) => value instanceof QuotaError && value.isQuota;
  try {
    callback();
    return 'nothing was thrown';
  } catch (thrown) {
    return [isQuota(thrown), thrown.left, isQuota(error), thrown.constructor.name];
  }
}

export const requestId = carry('test requestId', new AsyncLocalStorage());
export const user = carry('test user', new AsyncLocalStorage());
export const whose = async () => {
  await sleep(1);
  return [requestId.getStore(), user.getStore()];
};
export const logs = async () => {
  await null;
  user.getStore().log('from there');
};
