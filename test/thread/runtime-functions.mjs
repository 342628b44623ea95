import { AsyncLocalStorage } from 'node:async_hooks';
import { carry, currentSignal, registerClass } from '../../dist/index.js';

export const add = (a, b) => a + b;
export const addLater = async (a, b) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return a + b;
};
export const echo = (value) => value;
export const increment = (n) => n + 1;
export const awaits = async (callback) => (await callback(4)) + (await callback(6));
export function fail() {
  throw Object.assign(new TypeError('failed', { cause: new RangeError('inner') }), { code: 'E_MINE' });
}
export async function sum(n, callback) {
  let total = 0;
  for (let i = 0; i < n; i++) {
    await null;
    total += callback(i);
  }
  return total;
}
export const bad = () => ({ deep: [() => {}] });
export const never = () => new Promise(() => {});
export function spin() {
  for (;;);
}
export const exit = (code) => process.exit(code);
export function crash() {
  setTimeout(() => {
    throw new Error('stray');
  }, 1);
  return new Promise(() => {});
}
export const signal = () => currentSignal() instanceof AbortSignal;
export const forever = () => new Promise((resolve) => setTimeout(resolve, 60_000));
let leaves = 0;
export async function* count(n) {
  try {
    for (let i = 0; i < n; i++) {
      await null;
      yield i;
    }
  } finally {
    leaves++;
  }
}
export const left = () => leaves;
export async function total(source) {
  let sum = 0;
  for await (const n of source) sum += n;
  return sum;
}
export async function watch(signal, callback) {
  const before = signal.aborted;
  callback();
  return [before, signal.aborted, signal.reason.message];
}
export class Money {
  constructor(amount) {
    this.amount = amount;
  }
}
registerClass(Money, { name: 'isthmus test Money' });
export const twice = (money) => new Money(money.amount * 2);
export const user = carry('isthmus test user', new AsyncLocalStorage());
export const whose = async () => {
  await null;
  return user.getStore();
};
export class List {
  #items;
  name = 'list';
  constructor(...items) {
    this.#items = items;
  }
  async add(item) {
    await null;
    this.#items.push(item);
  }
  get size() {
    return this.#items.length;
  }
  async *[Symbol.asyncIterator]() {
    yield* this.#items;
  }
}
