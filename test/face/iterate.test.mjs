// Async iterables are iterables, async generators generators, async disposables disposables.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { syncFace } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const self = fileURLToPath(import.meta.url);

class Row {
  constructor(n) {
    this.n = n;
  }
  async load() {
    return later(1, this.n);
  }
}

class Rows {
  log = [];
  async *[Symbol.asyncIterator]() {
    try {
      for (let n = 1; ; n++) {
        this.log.push(`pull ${n}`);
        await later(1);
        yield new Row(n);
      }
    } finally {
      await later(5);
      this.log.push('closed');
    }
  }
  async *talk() {
    let word = 'ask';
    for (;;) {
      try {
        const answer = yield word;
        if (answer === 'stop') return new Row(0);
        word = `got ${answer}`;
      } catch (error) {
        word = `told ${error}`;
      } finally {
        this.log.push('step');
      }
    }
  }
  async [Symbol.asyncDispose]() {
    await later(5);
    this.log.push('disposed');
  }
}

test('for-of pulls one at a time, gives faces, and break waits for the source to close', limit, () => {
  const real = new Rows();
  const rows = syncFace(real);
  const seen = [];
  for (const row of rows) {
    seen.push(row.load());
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(real.log, ['pull 1', 'pull 2', 'closed']);
  const iterator = rows[Symbol.iterator]();
  assert.deepEqual(real.log.length, 3);
  assert.equal(iterator.next().value.n, 1);
  assert.deepEqual(real.log.slice(3), ['pull 1']);
  const [first] = rows;
  assert.equal(first.n, 1);
  assert.throws(() => {
    for (const _ of rows) throw new RangeError('in the body');
  }, RangeError);
  assert.equal(real.log.at(-1), 'closed');
});

test('an async generator is a generator: next, throw, return, dispose', limit, () => {
  const real = new Rows();
  const rows = syncFace(real);
  const talk = rows.talk();
  assert.equal(talk[Symbol.iterator](), talk);
  assert.deepEqual(talk.next('ignored'), { done: false, value: 'ask' });
  assert.deepEqual(talk.next('a'), { done: false, value: 'got a' });
  assert.deepEqual(talk.throw('b'), { done: false, value: 'told b' });
  const last = talk.next('stop');
  assert.equal(last.done, true);
  assert.equal(last.value.load(), 0);
  assert.equal(syncFace.target(last), undefined);
  assert.deepEqual(talk.next(), { done: true, value: undefined });
  const other = rows.talk();
  other.next();
  assert.deepEqual(other.return('early'), { done: true, value: 'early' });
  assert.equal(real.log.at(-1), 'step');
  const disposed = rows.talk();
  disposed.next();
  const steps = real.log.length;
  disposed[Symbol.dispose]();
  assert.equal(real.log.length, steps + 1);
  assert.equal(disposed.next().done, true);
});

test('an iterator gets what a generator has and it has not', limit, () => {
  const log = [];
  let n = 0;
  const bare = {
    next: async () => later(1, { done: n === 3, value: ++n }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  const face = syncFace(bare);
  assert.deepEqual(face.next(), { done: false, value: 1 });
  assert.deepEqual(face.return('x'), { done: true, value: 'x' });
  assert.throws(() => face.throw(new RangeError('told')), RangeError);
  face[Symbol.dispose]();
  for (const key of ['return', 'throw', Symbol.dispose, Symbol.iterator]) assert.ok(key in face);
  const closing = syncFace({ ...bare, return: async () => later(1, { done: log.push('closed') > 0 }) });
  assert.throws(() => closing.throw(new RangeError('told')), RangeError);
  closing[Symbol.dispose]();
  assert.deepEqual(log, ['closed', 'closed']);
  for (const none of [{ next: async () => 5 }, new Rows()]) {
    assert.equal(syncFace(none).return, undefined);
    assert.ok(!('throw' in syncFace(none)));
  }
});

test("the language's iterator helpers, where this Node has them", limit, (t) => {
  const rows = syncFace(new Rows());
  const iterator = rows[Symbol.iterator]();
  if (typeof globalThis.Iterator !== 'function') {
    assert.equal(iterator.take, undefined);
    t.diagnostic(`Node ${process.version} has none`);
    return;
  }
  assert.deepEqual(
    iterator
      .map((row) => row.load())
      .take(2)
      .toArray(),
    [1, 2],
  );
  assert.equal(syncFace.target(rows).log.at(-1), 'closed');
});

test('an error of the source comes out as it is, and a timeout holds for each step', limit, (t) => {
  const fault = new Error('of the source');
  const ticking = setInterval(() => {}, 20);
  t.after(() => clearInterval(ticking));
  const source = {
    async *[Symbol.asyncIterator]() {
      yield 1;
      await later(1);
      throw fault;
    },
    async *slow() {
      yield later(30, 1);
      yield later(30, 2);
      yield new Promise(() => {});
    },
  };
  const seen = [];
  const loop = (from) => {
    for (const value of from) seen.push(value);
  };
  assert.throws(
    () => loop(syncFace(source)),
    (error) => error === fault,
  );
  assert.throws(() => loop(syncFace.with({ timeout: 50 })(source).slow()), { code: 'ERR_ISTHMUS_TIMEOUT' });
  assert.deepEqual(seen, [1, 1, 2]);
});

test('sync iterables stay so, and what they give is faced', limit, () => {
  class Shelf {
    #rows = [new Row(1), new Row(2)];
    *[Symbol.iterator]() {
      yield* this.#rows;
    }
    entries() {
      return this.#rows.entries();
    }
    rows() {
      return new Map([['a', new Row(3)]]);
    }
  }
  const shelf = syncFace(new Shelf());
  const seen = [];
  for (const row of shelf) seen.push(row.load());
  for (const [at, row] of shelf.entries()) seen.push(at, row.load());
  assert.deepEqual(seen, [1, 2, 0, 1, 1, 2]);
  // A Map crosses as it is, with what is in it.
  assert.ok(shelf.rows().get('a').load() instanceof Promise);
});

test('what is both stays the sync iterable that it is; the async protocols are not there', limit, () => {
  const both = {
    *[Symbol.iterator]() {
      yield 'sync';
    },
    async *[Symbol.asyncIterator]() {
      yield 'async';
    },
    log: [],
    [Symbol.dispose]() {
      this.log.push('sync');
    },
    async [Symbol.asyncDispose]() {
      await later(1);
      this.log.push('async');
    },
  };
  const face = syncFace(both);
  assert.deepEqual([...face], ['sync']);
  // As run.using does: the async way is the whole one.
  face[Symbol.dispose]();
  assert.deepEqual(both.log, ['async']);
  for (const hidden of [Symbol.asyncIterator, Symbol.asyncDispose]) {
    assert.equal(face[hidden], undefined);
    assert.equal(hidden in face, false);
    assert.equal(Object.getOwnPropertyDescriptor(face, hidden), undefined);
  }
  assert.deepEqual(Reflect.ownKeys(face), ['log', Symbol.iterator, Symbol.dispose]);
  assert.deepEqual(Reflect.ownKeys(syncFace({ [Symbol.asyncIterator]: both[Symbol.asyncIterator] })), [
    Symbol.iterator,
  ]);
});

test('for await takes a face too', limit, async () => {
  const seen = [];
  for await (const row of syncFace(new Rows())) {
    seen.push(row.load());
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [1, 2]);
});

test('`using` disposes of what a face gives', limit, (t) => {
  const rows = new Rows();
  const face = syncFace({ connect: async () => later(1, rows) });
  let use;
  try {
    use = new Function('face', 'using rows = face.connect(); return rows.log.length;');
  } catch {
    t.diagnostic(`Node ${process.version} does not parse \`using\`: the same by hand`);
    use = () => {
      const opened = face.connect();
      const { length } = opened.log;
      opened[Symbol.dispose]();
      return length;
    };
  }
  assert.equal(use(face), 0);
  assert.deepEqual(rows.log, ['disposed']);
  const fault = new Error('cannot be closed');
  const failing = syncFace({ [Symbol.asyncDispose]: async () => later(1).then(() => Promise.reject(fault)) });
  assert.throws(
    () => failing[Symbol.dispose](),
    (error) => error === fault,
  );
});

test('node:fs/promises', limit, () => {
  const files = syncFace(fs);
  assert.match(files.readFile(self, 'utf8'), /node:fs\/promises/);
  const file = files.open(self);
  assert.ok(file.fd > 0);
  let lines = 0;
  for (const line of file.readLines()) {
    lines += line.length > 0 ? 1 : 0;
    if (lines === 5) break;
  }
  assert.equal(lines, 5);
  file[Symbol.dispose]();
  assert.equal(file.fd, -1);
  const names = [];
  for (const entry of files.opendir(new URL('.', import.meta.url))) names.push(entry.name);
  assert.ok(names.includes('iterate.test.mjs'));
  assert.throws(() => files.readFile('/no such file'), { code: 'ENOENT' });
});

test('streams', limit, () => {
  const stream = syncFace(createReadStream)(self, { encoding: 'utf8', highWaterMark: 100 });
  let text = '';
  for (const chunk of stream) {
    text += chunk;
    if (text.length >= 300) break;
  }
  assert.equal(text.length, 300);
  assert.equal(stream.destroyed, true);
  assert.deepEqual([...syncFace(Readable.from(['a', 'b']))], ['a', 'b']);
  assert.deepEqual(
    syncFace(Readable.from([1, 2, 3]))
      .map((n) => n * 2)
      .toArray(),
    [2, 4, 6],
  );
});

test('fetch, Response, ReadableStream and Blob', limit, () => {
  const response = syncFace(fetch)('data:application/json,{"a":1}');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/json');
  const copy = response.clone();
  assert.deepEqual(response.json(), { a: 1 });
  assert.equal(Buffer.concat([...copy.body]).toString(), '{"a":1}');
  const reader = syncFace(new Blob(['words']))
    .stream()
    .getReader();
  assert.equal(Buffer.from(reader.read().value).toString(), 'words');
  assert.deepEqual(reader.read(), { done: true, value: undefined });
  assert.equal(syncFace(new Blob(['words'])).text(), 'words');
});
