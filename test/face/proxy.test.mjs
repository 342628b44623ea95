// A face is an object like any other: keys, descriptors, frozen targets, modules, printing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { syncFace } from 'isthmus';
import * as module from './module.mjs';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

class Thing {
  #private = 1;
  a = 1;
  later = later(1, 'late');
  async work() {
    return this.#private;
  }
}

test('keys, in, delete, set and define reach the target', limit, () => {
  const real = Object.assign(new Thing(), { [Symbol.for('s')]: 2 });
  const face = syncFace(real);
  assert.deepEqual(Reflect.ownKeys(face), Reflect.ownKeys(real));
  assert.deepEqual(Object.keys(face), ['a', 'later']);
  assert.deepEqual(Object.entries(face), [
    ['a', 1],
    ['later', 'late'],
  ]);
  assert.deepEqual({ ...face }, { a: 1, later: 'late', [Symbol.for('s')]: 2 });
  assert.ok('a' in face && 'work' in face && !('b' in face));
  assert.ok(Object.hasOwn(face, 'a') && !Object.hasOwn(face, 'work'));
  face.b = 5;
  assert.equal(real.b, 5);
  delete face.b;
  assert.equal('b' in real, false);
  Object.defineProperty(face, 'c', { get: () => 6, configurable: true });
  assert.equal(real.c, 6);
  assert.equal(face.c, 6);
  Object.assign(face, { d: syncFace(new Thing()) });
  assert.ok(real.d instanceof Thing && syncFace.target(real.d) === undefined);
  assert.equal(Object.getPrototypeOf(face), Thing.prototype);
  Object.setPrototypeOf(face, Object.prototype);
  assert.ok(!(real instanceof Thing));
  const seen = [];
  for (const key in face) seen.push(key);
  assert.deepEqual(seen, ['a', 'later', 'd']);
});

test('what inherits from a face gets properties of its own', limit, () => {
  const real = new Thing();
  const derived = Object.create(syncFace(real));
  derived.a = 5;
  assert.equal(real.a, 1);
  assert.equal(derived.a, 5);
  assert.equal(derived.work.call(syncFace(real)), 1);
});

test('descriptors tell what is read, and wait for nothing', limit, () => {
  const inner = new Thing();
  const never = new Promise(() => {});
  const real = {
    a: 1,
    inner,
    never,
    list: [inner],
    data: [1],
    get got() {
      return inner;
    },
    work: async () => 5,
  };
  const face = syncFace(real);
  const of = (key) => Object.getOwnPropertyDescriptor(face, key);
  assert.deepEqual(of('a'), { value: 1, writable: true, enumerable: true, configurable: true });
  assert.equal(of('inner').value, face.inner);
  assert.equal(of('work').value, face.work);
  assert.equal(of('data').value, real.data);
  assert.equal(of('got').get.call(face), face.inner);
  assert.equal(of('list').get()[0], face.inner);
  assert.equal(typeof of('never').get, 'function');
  of('never').set(5);
  assert.equal(real.never, 5);
  assert.equal(of('missing'), undefined);
  assert.equal(Object.keys(Object.getOwnPropertyDescriptors(face)).length, 7);
});

test('frozen targets', limit, () => {
  const inner = new Thing();
  const list = [];
  const real = Object.freeze({
    a: 1,
    inner,
    list,
    soon: later(1, 'soon'),
    work: async () => inner,
    [Symbol.asyncIterator]: async function* () {
      yield inner;
    },
  });
  const face = syncFace(real);
  const check = () => {
    assert.equal(face.a, 1);
    assert.equal(face.inner, syncFace(inner));
    assert.equal(face.soon, 'soon');
    assert.equal(face.work(), face.inner);
    assert.deepEqual([...face], [face.inner]);
    assert.deepEqual([...face.list], list.length === 0 ? [] : [face.inner]);
    assert.deepEqual(Object.keys(face), ['a', 'inner', 'list', 'soon', 'work']);
    assert.equal(Object.getOwnPropertyDescriptor(face, 'inner').value, face.inner);
    assert.equal(Object.getOwnPropertyDescriptor(face, 'soon').get(), 'soon');
    assert.equal(Object.getOwnPropertyDescriptor(face, 'a').writable, false);
    for (const change of [
      () => {
        face.a = 2;
      },
      () => {
        face.b = 2;
      },
      () => {
        delete face.a;
      },
      () => Object.defineProperty(face, 'a', { value: 2 }),
    ]) {
      assert.throws(change, TypeError);
    }
  };
  check();
  assert.equal(Object.isFrozen(face), true);
  assert.equal(Object.isExtensible(face), false);
  check();
  const frozen = syncFace(Object.freeze(new Thing()));
  assert.equal(Object.isFrozen(frozen), true);
  assert.ok(frozen instanceof Thing);
  assert.equal(frozen.work(), 1);
  // The list itself is not frozen: it has nothing to face now, and something later.
  list.push(inner);
  check();
  assert.ok(Reflect.ownKeys(face).includes(Symbol.iterator));
});

test('sealed targets, and those that are no more extensible, may still lose and change', limit, () => {
  const real = Object.preventExtensions({ a: 1, b: new Thing(), c: 3 });
  const face = syncFace(real);
  assert.equal(Object.isExtensible(face), false);
  delete real.a;
  assert.equal('a' in face, false);
  delete real.c;
  assert.deepEqual(Reflect.ownKeys(face), ['b']);
  delete face.b;
  assert.equal(Object.getOwnPropertyDescriptor(face, 'b'), undefined);
  const sealed = syncFace(Object.seal({ a: later(1, 'x') }));
  assert.equal(Object.isSealed(sealed), true);
  assert.equal(sealed.a, 'x');
  sealed.a = new Thing();
  assert.equal(sealed.a.work(), 1);
  assert.equal(Object.getOwnPropertyDescriptor(sealed, 'a').value, sealed.a);
});

test('freezing by way of the face freezes the target', limit, () => {
  const real = { a: 1, inner: new Thing(), data: { b: 1 }, work: async () => 5 };
  const face = syncFace(real);
  Object.freeze(face);
  assert.equal(Object.isFrozen(real), true);
  assert.equal(Object.isFrozen(face), true);
  assert.equal(face.work(), 5);
  assert.equal(face.inner.work(), 1);
  assert.equal(face.data, real.data);
  // Told as a getter, a list of objects and a promise are sealed by it: nobody says of a getter that it is read only.
  const more = { list: [new Thing()], soon: later(1, 'soon') };
  Object.freeze(syncFace(more));
  assert.equal(Object.isSealed(more), true);
  assert.equal(syncFace(more).list[0].work(), 1);
  assert.equal(syncFace(more).soon, 'soon');
});

test('what is defined for ever by way of the face is what was given', limit, () => {
  const real = {};
  const face = syncFace(real);
  const promise = later(1);
  const given = {
    primitive: 5,
    plain: { a: 1 },
    list: [],
    instance: new Thing(),
    face: syncFace(new Thing()),
    callback: () => 5,
    promise,
  };
  for (const [key, value] of Object.entries(given)) {
    Object.defineProperty(face, key, { value });
    assert.equal(face[key], value, key);
    assert.equal(Object.getOwnPropertyDescriptor(face, key).value, value, key);
    assert.equal(Object.getOwnPropertyDescriptor(real, key).writable, false);
  }
  assert.equal(real.face, syncFace.target(given.face));
  Object.defineProperty(face, 'open', { value: new Thing(), writable: true });
  assert.equal(face.open.work(), 1);
  face.open = later(1, 'changed');
  assert.equal(face.open, 'changed');
  // Once it is told that its value may change for ever, it cannot be told as a getter.
  assert.ok(Object.getOwnPropertyDescriptor(face, 'open').value instanceof Promise);
});

test('a module', limit, async () => {
  const face = syncFace(module);
  assert.equal(face, syncFace(module));
  assert.equal(face.answer, 42);
  assert.equal(face.ready, 'ready');
  const before = face.count;
  assert.equal(face.add(2), before + 2);
  assert.equal(face.count, before + 2);
  assert.equal(new face.Counter().next(), 1);
  assert.equal(face.default(), 'main');
  assert.deepEqual(Object.keys(face), Object.keys(module));
  for (const key of Object.keys(face)) assert.ok(Object.getOwnPropertyDescriptor(face, key).enumerable);
  assert.equal(Object.isFrozen(face), false);
  assert.equal(Object.isSealed(face), true);
  assert.equal(face.add(1), before + 3);
  assert.equal(face.count, before + 3);
  assert.throws(() => {
    face.answer = 5;
  }, TypeError);
  assert.match(inspect(syncFace(await import('node:path'))), /Module/);
  assert.equal(syncFace(await import('node:fs/promises')).access.name, 'access');
});

test('printing shows the target, and runs nothing', limit, () => {
  const real = { inner: new Thing(), never: new Promise(() => {}), work: async () => 5 };
  const face = syncFace(real);
  assert.equal(inspect(face), inspect(real));
  assert.equal(inspect({ deep: [face] }, { depth: 0 }), inspect({ deep: [real] }, { depth: 0 }));
  assert.equal(inspect({ face: face.inner }), inspect({ face: real.inner }));
  assert.equal(inspect(syncFace(Thing)), inspect(Thing));
  assert.equal(inspect([face.work]), inspect([real.work]));
  const own = { [inspect.custom]: () => 'told by itself' };
  assert.equal(inspect(syncFace(own)), 'told by itself');
  const text = `${syncFace({ toString: () => 'as text' })}`;
  assert.equal(text, 'as text');
  assert.equal(Object.prototype.toString.call(syncFace(Promise)), '[object Function]');
});

test('JSON', limit, () => {
  const inner = new Thing();
  const real = { inner, soon: later(1, { a: 1 }), list: [inner], work() {}, when: new Date(0) };
  assert.equal(
    JSON.stringify(syncFace(real)),
    '{"inner":{"a":1,"later":"late"},"soon":{"a":1},"list":[{"a":1,"later":"late"}],"when":"1970-01-01T00:00:00.000Z"}',
  );
  assert.equal(JSON.stringify(syncFace({ toJSON: async () => later(1, 'own') })), '"own"');
});

test('no face is a thenable, and an await gives the face', limit, async () => {
  for (const target of [new Thing(), Thing, module, { work() {} }, async () => {}]) {
    const face = syncFace(target);
    assert.equal(face.then, undefined);
    assert.equal(await face, face);
  }
});
