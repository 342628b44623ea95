// Functions that are passed to a face's method: what they are given is faced.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { run, syncFace } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

class Tx {
  #log = [];
  async query(sql) {
    await later(1);
    this.#log.push(sql);
    return this.#log.length;
  }
  get log() {
    return this.#log;
  }
}

class Db extends EventEmitter {
  tx = new Tx();
  async transaction(work) {
    await later(1);
    this.tx.log.push('begin');
    try {
      const result = await work(this.tx);
      this.tx.log.push('commit');
      return result;
    } catch (error) {
      this.tx.log.push('rollback');
      throw error;
    }
  }
  async say(...words) {
    await later(1);
    return this.emit('said', ...words);
  }
}

test('a callback is given faces, and calls them', limit, () => {
  const real = new Db();
  const db = syncFace(real);
  const result = db.transaction((tx) => {
    assert.equal(tx, db.tx);
    return tx.query('a') + tx.query('b');
  });
  // begin, a, b: the first gave 2, the second 3.
  assert.equal(result, 5);
  assert.equal(
    db.transaction(async (tx) => {
      await later(1);
      return tx.query('c');
    }),
    6,
  );
  const fault = new Error('in the callback');
  const failing = () =>
    db.transaction((tx) => {
      tx.query('d');
      throw fault;
    });
  assert.throws(failing, (error) => error === fault);
  assert.deepEqual(real.tx.log, [
    'begin',
    'a',
    'b',
    'commit',
    'begin',
    'c',
    'commit',
    'begin',
    'd',
    'rollback',
  ]);
});

test('what a callback gives arrives as it is, but a face as the real object', limit, () => {
  const real = new Db();
  let got;
  real.ask = (answer) => {
    got = answer();
  };
  const db = syncFace(real);
  const promise = later(1);
  const plain = { a: 1 };
  for (const value of [promise, plain, 5, undefined]) {
    db.ask(() => value);
    assert.equal(got, value);
  }
  db.ask(() => db.tx);
  assert.equal(got, real.tx);
});

test('lists, promises and plain objects that it is given are faced as results are', limit, () => {
  const real = new Tx();
  const face = syncFace({
    call: (callback) => callback([real], later(1, real), { real }, { a: 1 }, new Date(0), null),
  });
  face.call((list, awaited, holder, plain, date, nothing) => {
    assert.deepEqual([list[0], awaited, holder.real], [syncFace(real), syncFace(real), syncFace(real)]);
    assert.deepEqual([plain, date, nothing], [{ a: 1 }, new Date(0), null]);
  });
});

test('on, once and off: one wrapper for a function, and `this` is the face', limit, () => {
  const real = new Db();
  const db = syncFace(real);
  const seen = [];
  function listener(...args) {
    seen.push([this, ...args]);
  }
  assert.equal(db.on('said', listener), db);
  db.on('said', listener).off('said', listener);
  assert.equal(real.listenerCount('said'), 1);
  assert.equal(db.listeners('said')[0], listener);
  assert.notEqual(real.listeners('said')[0], listener);
  assert.equal(real.listeners('said')[0].length, listener.length);
  assert.equal(real.listeners('said')[0].name, 'listener');
  db.once('said', (word) => seen.push(`once ${word}`));
  assert.equal(db.say('a', db.tx), true);
  assert.equal(db.say('b'), true);
  assert.deepEqual(seen, [[db, 'a', db.tx], 'once a', [db, 'b']]);
  assert.equal(db.emit('said', db.tx), true);
  assert.equal(seen.at(-1)[1], db.tx);
  db.off('said', listener);
  assert.equal(db.say('c'), false);
});

test('events fire during a run, and a listener may wait as well', limit, () => {
  const real = new Db();
  const db = syncFace(real);
  const seen = [];
  db.on('said', (word, tx) => seen.push(word, tx.query(word)));
  setTimeout(() => real.emit('said', 'timer', real.tx), 5);
  run(later(20));
  assert.deepEqual(seen, ['timer', 1]);
  db.say('call', db.tx);
  assert.deepEqual(seen, ['timer', 1, 'call', 2]);
});

test('a face stands where Node takes an emitter', limit, async () => {
  const db = syncFace(new Db());
  assert.ok(db instanceof EventEmitter);
  setTimeout(() => db.emit('said', 'x'), 1);
  assert.deepEqual(await once(db, 'said'), ['x']);
  const waiting = promisify((callback) => db.once('said', (word) => callback(null, word)))();
  db.emit('said', 'y');
  assert.equal(await waiting, 'y');
});

test('functions in an object that is passed are wrapped, and the object stays one', limit, () => {
  const real = new Tx();
  let kept;
  const face = syncFace({
    configure: (options) => {
      kept = options;
    },
    options: () => kept,
    fire: async () => kept.nested.onRow(real),
    change: () => {
      kept.changed = real;
    },
    with: (list) => list.map((work) => work(real)),
  });
  const options = {
    name: 'x',
    count: 0,
    nested: {
      onRow(tx) {
        options.count += tx.query('x');
        return this === options.nested;
      },
    },
  };
  face.configure(options);
  assert.equal(face.fire(), true);
  assert.equal(options.count, 1);
  assert.equal(kept.name, 'x');
  assert.deepEqual(Object.keys(kept), ['name', 'count', 'nested']);
  // It is the user's own, whichever way one looks at it.
  options.name = 'y';
  assert.equal(kept.name, 'y');
  kept.name = 'z';
  assert.equal(options.name, 'z');
  assert.equal(face.options(), options);
  face.change();
  assert.equal(options.changed, syncFace(real));
  assert.equal(kept.changed, real);
  const first = kept;
  face.configure(options);
  assert.equal(kept, first);
  assert.deepEqual(face.with([(tx) => tx.query('a'), (tx) => tx.query('b')]), [2, 3]);
  const data = { a: [1] };
  face.configure(data);
  assert.equal(kept, data);
});

test('a class that is passed is passed as it is: it is compared, and used as a key', limit, () => {
  const entities = new Map([
    [Tx, 'tx'],
    [Date, 'date'],
  ]);
  class Bare {}
  entities.set(Bare, 'bare');
  function Old() {}
  Old.prototype.query = () => {};
  entities.set(Old, 'old');
  const face = syncFace({ of: (Class) => entities.get(Class), Tx });
  assert.equal(face.of(Tx), 'tx');
  assert.equal(face.of(face.Tx), 'tx');
  assert.equal(face.of(Date), 'date');
  assert.equal(face.of(Bare), 'bare');
  assert.equal(face.of(Old), 'old');
});

test('every other kind of function is wrapped', limit, () => {
  const real = new Tx();
  const face = syncFace({ call: (work) => work(real), make: (Made) => new Made(real) });
  const isFace = (tx) => syncFace.target(tx) === real;
  const methods = { method: (tx) => isFace(tx) };
  assert.equal(face.call(isFace), true);
  assert.equal(face.call(isFace.bind(null)), true);
  assert.equal(face.call(methods.method), true);
  assert.equal(
    face.call((tx) => isFace(tx)),
    true,
  );
  assert.equal(
    face
      .call(function* (tx) {
        yield isFace(tx);
      })
      .next().value,
    true,
  );
  assert.equal(
    face.call(async (tx) => isFace(tx)),
    true,
  );
  function Made(tx) {
    this.made = isFace(tx);
  }
  assert.equal(face.make(Made).made, true);
  assert.ok(face.make(Made) instanceof Made);
});

test("a face's method is passed as the target's own", limit, () => {
  const real = { work: async () => later(1, 5), same: (work) => work === real.work };
  const face = syncFace(real);
  assert.equal(face.same(face.work), true);
});
