// What the tests of faces on the service thread make there.
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

export class Row {
  #cells;
  constructor(cells) {
    this.#cells = cells;
  }
  async cell(i) {
    return this.#cells[i];
  }
  get width() {
    return this.#cells.length;
  }
}

let open = 0;
export const openNow = () => open;

export class Database {
  #rows = [];
  name;
  label = 'none';
  ready;
  constructor(name) {
    if (name === undefined) throw new TypeError('a database has a name');
    this.name = name;
    this.ready = sleep(1, 'ready');
    open++;
  }
  static async open(name) {
    await sleep(1);
    return new Database(name);
  }
  static count = 7;
  get where() {
    return threadId;
  }
  get size() {
    return Promise.resolve(this.#rows.length);
  }
  get comment() {
    return this.label.toUpperCase();
  }
  set comment(text) {
    this.label = text;
  }
  async insert(...cells) {
    await null;
    const row = new Row(cells);
    this.#rows.push(row);
    return row;
  }
  async all() {
    return [...this.#rows];
  }
  same(row) {
    return this.#rows.includes(row);
  }
  async *rows() {
    try {
      for (const row of this.#rows) {
        await null;
        yield row;
      }
    } finally {
      this.label = 'closed';
    }
  }
  async *[Symbol.asyncIterator]() {
    yield* this.rows();
  }
  async transaction(work) {
    const tx = { insert: (...cells) => this.insert(...cells), db: this };
    const result = await work(tx);
    return { result, rows: this.#rows.length };
  }
  filter(test) {
    return this.#rows.filter((row) => test(row));
  }
  async twiceAtOnce(work) {
    return Promise.all([work(), work()]);
  }
  async fail() {
    throw Object.assign(new RangeError('failed'), { code: 'E_DB' });
  }
  async slow() {
    await sleep(60_000);
  }
  spin() {
    for (;;);
  }
  exit() {
    process.exit(3);
  }
  self() {
    return this;
  }
  then_() {
    return 'then';
  }
  async [Symbol.asyncDispose]() {
    await sleep(1);
    open--;
  }
}

export class Ticker extends EventEmitter {
  async tick(n) {
    for (let i = 0; i < n; i++) {
      await null;
      this.emit('tick', i, new Row([i]));
    }
    return this.listenerCount('tick');
  }
  later(ms) {
    setTimeout(() => this.emit('tick', 'later', new Row(['l'])), ms);
  }
}

/** Factory style. */
export async function createClient(base) {
  await sleep(1);
  return { base, get: async (path) => `${base}${path}`, nested: { ping: async () => 'pong' }, list: [1, 2] };
}
export const plain = async () => ({ a: [1, 2] });
export const rowOf = (face, i) => face.cell(i);
export const adder = () => async (a, b) => a + b;
export const openDatabase = (name) => Database.open(name);

// Objects that nobody holds any more.
let gone = 0;
const registry = new FinalizationRegistry(() => gone++);
export class Watched {
  constructor() {
    this.weight = new Array(1000).fill(0);
    registry.register(this);
  }
  async child() {
    return new Watched();
  }
  async *children() {
    try {
      for (;;) yield new Watched();
    } finally {
      closed++;
    }
  }
  listen(listener) {
    listeners.add(new WeakRef(listener));
  }
}
let closed = 0;
const listeners = new Set();
export async function goneNow() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await sleep(1);
  }
  return [gone, closed];
}
export const callWith = (callback) => callback();
export const slowly = () => sleep(60_000);

export class Web {
  url = new URL('http://a.b/c?q=1');
  get query() {
    return this.url.searchParams;
  }
  hostOf(url) {
    return url.host;
  }
  async response() {
    return new Response('body', { headers: { 'x-a': 'b' } });
  }
}
export const signalOf = () => ({ signal: AbortSignal.abort() });
export class Target extends EventTarget {
  async send(...details) {
    await null;
    for (const detail of details) this.dispatchEvent(Object.assign(new Event('message'), { detail }));
  }
}
