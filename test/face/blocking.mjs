// Blocking classes and functions for the tests of async faces.
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { threadId } from 'node:worker_threads';
import { carry, checkCancelled, currentSignal, fromThread, transfer } from 'isthmus';
import * as self from './blocking.mjs';

export const user = carry('async-face-user', new AsyncLocalStorage());

const sleepOn = (shared, at) => {
  while (Atomics.load(shared, at) === 0) Atomics.wait(shared, at, 0, 1000);
};

const gone = new FinalizationRegistry((memory) => Atomics.add(new Int32Array(memory), 0, 1));

export class NoMoneyError extends Error {
  constructor(name) {
    super(`${name} has not enough`);
    this.code = 'E_MONEY';
    this.owner = { name };
  }
}

export class Row {
  #cells;
  constructor(...cells) {
    this.#cells = cells;
  }
  cell(at) {
    return this.#cells[at];
  }
  get width() {
    return this.#cells.length;
  }
}

/** Fields alone. */
export class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}

/** Nothing but which one it is. */
export class Ticket {}

export class Store {
  #rows = [];
  #balances = { ada: 100, bob: 0 };
  #words;
  #ticket = new Ticket();
  #comment = '';
  label = 'none';
  calls = [];

  constructor(name, words) {
    if (name === 'bad') throw new NoMoneyError('the constructor');
    this.name = name;
    this.#words = words && new Int32Array(words);
    this.own = (x) => `own ${x} ${this.name}`;
  }
  where() {
    return threadId;
  }
  note(what) {
    this.calls.push(what);
    return this.calls.length;
  }
  /** Blocks until a word is set, having set another. */
  block(what, at = 0) {
    Atomics.store(this.#words, at + 1, 1);
    sleepOn(this.#words, at);
    return this.note(what);
  }
  async later(what) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return this.note(what);
  }
  never() {
    return new Promise(() => {});
  }
  spin() {
    for (;;) checkCancelled();
  }
  deaf() {
    Atomics.store(this.#words, 1, 1);
    for (;;);
  }
  told() {
    return currentSignal().aborted;
  }
  insert(...cells) {
    const row = new Row(...cells);
    this.#rows.push(row);
    return row;
  }
  first() {
    return this.#rows[0];
  }
  all() {
    return this.#rows;
  }
  page() {
    return { rows: this.#rows, total: this.#rows.length, api: { count: () => this.#rows.length } };
  }
  has(row) {
    return this.#rows.includes(row);
  }
  hasAll({ rows }) {
    return rows.every((row) => this.#rows.includes(row));
  }
  get size() {
    return this.#rows.length;
  }
  get broken() {
    throw new NoMoneyError('the getter');
  }
  set comment(text) {
    this.#comment = text.toUpperCase();
  }
  get comment() {
    return this.#comment;
  }
  point() {
    return new Point(1, 2);
  }
  ticket() {
    return this.#ticket;
  }
  isTicket(ticket) {
    return ticket === this.#ticket;
  }
  echo(...args) {
    return args;
  }
  bytes(count) {
    return transfer(new Uint8Array(count).fill(7));
  }
  symbol() {
    return { deep: [Symbol('s')] };
  }
  pay(from, to, amount) {
    if (this.#balances[from] < amount) throw new NoMoneyError(from);
    this.#balances[from] -= amount;
    this.#balances[to] += amount;
  }
  balances() {
    return this.#balances;
  }
  /** As better-sqlite3's: the function runs in one go when what is given is called. */
  transaction(fn) {
    return (...args) => {
      this.note('begin');
      try {
        return fn(...args);
      } finally {
        this.note('end');
      }
    };
  }
  map(fn) {
    return [1, 2, 3].map(fn);
  }
  keep(fn) {
    this.kept = fn;
    return [fn.name, fn.length];
  }
  callKept(x) {
    return this.kept(x);
  }
  make() {
    return Row;
  }
  *numbers(to, words) {
    const shared = words && new Int32Array(words);
    try {
      for (let i = 0; i < to; i++) {
        if (shared) Atomics.store(shared, 0, i + 1);
        yield i;
      }
      return 'end';
    } finally {
      if (shared) Atomics.store(shared, 1, 1);
    }
  }
  *failing() {
    yield 1;
    yield 2;
    throw new NoMoneyError('the source');
  }
  *talk() {
    const heard = [];
    for (;;) heard.push(yield heard.length === 0 ? 'hello' : heard.join());
  }
  async *ticks(to) {
    for (let i = 0; i < to; i++) {
      await new Promise(setImmediate);
      yield i;
    }
  }
  *[Symbol.iterator]() {
    yield* this.#rows;
  }
  user() {
    return user.getStore();
  }
  async settled(promise) {
    return await promise;
  }
  async sum(source) {
    let total = 0;
    for await (const value of source) total += value;
    return total;
  }
  aborted(signal) {
    if (signal.aborted) return String(signal.reason);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(String(signal.reason))));
  }
  host() {
    return fromThread.run(self.hostLater);
  }
  exit(code) {
    process.exit(code);
  }
  crashLater() {
    setTimeout(() => {
      throw new NoMoneyError('nobody');
    });
  }
  eat() {
    const full = [];
    for (;;) full.push(new Array(1e6).fill(full.length));
  }
  child(memory) {
    const child = new Row(1);
    gone.register(child, memory);
    return child;
  }
  collect() {
    globalThis.gc();
  }
  [Symbol.dispose]() {
    if (this.label === 'undisposable') throw new NoMoneyError('the disposal');
    if (this.#words) Atomics.add(this.#words, 3, 1);
  }
}

export const hostThread = () => threadId;
/** Long enough for a thread to start meanwhile. */
export const asked = { times: 0 };
export const hostLater = async () => {
  asked.times++;
  await new Promise((resolve) => setTimeout(resolve, 500));
  return threadId;
};

/** With no disposal but close(), which must be called once. */
export class Closable {
  #words;
  constructor(words) {
    this.#words = new Int32Array(words);
  }
  close() {
    Atomics.add(this.#words, 0, 1);
  }
}

export class Emitter extends EventEmitter {}

export const createStore = async (name) => new Store(name);
export const createCounter = () => {
  let count = 0;
  return { next: () => ++count, up: (by) => (count += by) };
};
export const createNothing = () => ({ rows: [] });

export function payTwice(store, from, to, amount) {
  store.pay(from, to, amount);
  store.pay(from, to, amount);
  return store.balances();
}
export const rowsOf = (store) => store.all();
export const numbersOf = (store, to) => store.numbers(to);
export const double = (x) => x * 2;
export function named(a, b) {
  return [a, b];
}
