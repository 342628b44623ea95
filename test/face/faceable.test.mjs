// What gets a face, and what crosses as it is.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { createSecretKey, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { syncFace } from 'isthmus';

const limit = { timeout: 15_000 };

/** What a face makes of a value: as a result, awaited, and as a property. */
function crossings(value) {
  const face = syncFace({ plain: () => value, async: async () => value, value });
  return [face.plain(), face.async(), face.value];
}
const isFace = (value) => syncFace.target(value) !== undefined;

const assertCrosses = (value) => {
  for (const crossed of crossings(value)) assert.ok(Object.is(crossed, value), inspect(value, { depth: 0 }));
  assert.ok(!isFace(value));
};
const assertFaced = (value) => {
  for (const crossed of crossings(value)) {
    assert.equal(syncFace.target(crossed), value);
    assert.equal(crossed, syncFace(value));
  }
};

class Later {
  async work() {
    return 'worked';
  }
}

test('primitives and the data of the language cross as they are', limit, () => {
  for (const value of [undefined, null, true, 0, -0, Number.NaN, 5n, '', 'word', Symbol('s')]) {
    assertCrosses(value);
  }
  for (const value of [
    new Date(),
    /x/g,
    new Map([[1, new Later()]]),
    new Set(),
    new WeakMap(),
    new WeakSet(),
    new WeakRef({}),
    new Error('x'),
    new AggregateError([]),
    new ArrayBuffer(1),
    new SharedArrayBuffer(1),
    new Uint8Array(1),
    new BigInt64Array(1),
    new DataView(new ArrayBuffer(1)),
    Object(5),
    Object('boxed'),
    new Intl.NumberFormat('en'),
    new Intl.DateTimeFormat('en'),
    new WebAssembly.Memory({ initial: 1 }),
    // Not every line has it.
    globalThis.Temporal?.Now.instant(),
  ]) {
    assertCrosses(value);
  }
});

test('the data of the platform crosses as it is', limit, () => {
  for (const value of [
    Buffer.from('x'),
    new URL('data:,x'),
    new URLSearchParams('a=b'),
    AbortSignal.timeout(60_000),
    new AbortController().signal,
    new Headers(),
    new DOMException('x'),
  ]) {
    assertCrosses(value);
  }
});

test('plain objects and arrays of data cross as they are', limit, () => {
  const cyclic = { list: [1, { at: new Date() }] };
  cyclic.self = cyclic;
  cyclic.list.push(cyclic.list);
  const shared = { a: 1 };
  for (const value of [
    {},
    [],
    Object.create(null),
    { a: 1, [Symbol('s')]: { b: [null, undefined] } },
    Object.assign(new Array(3), { 2: [[new Map()]] }),
    [shared, shared, { shared }],
    Object.freeze({ a: Object.freeze([1]) }),
    /(?<x>a)/.exec('a'),
    cyclic,
    cyclic.list,
  ]) {
    assertCrosses(value);
  }
});

test('depth and breadth end no stack, and cost their size', limit, () => {
  let deep = {};
  for (let i = 0; i < 200_000; i++) deep = { deep };
  assertCrosses(deep);
  // Each level is reached by two ways: looked at more than once, they would be 2 ** 60.
  let wide = [];
  for (let i = 0; i < 60; i++) wide = [wide, { wide }];
  assertCrosses(wide);
});

test('instances of classes and functions get a face', limit, async () => {
  const foreign = vm.runInNewContext('class Foreign { async work() {} } new Foreign()');
  for (const value of [
    new Later(),
    new (class {})(),
    new (class extends null {
      constructor() {
        // biome-ignore lint/correctness/noConstructorReturn: it has no other way to be made
        return Object.create(new.target.prototype);
      }
    })(),
    foreign,
    () => 5,
    async () => 5,
    function* () {},
    Later,
    Map,
    new Response('x'),
    new Request('data:,x'),
    new Blob(['x']),
    new ReadableStream(),
    new FormData(),
    new TextEncoder(),
    new AbortController(),
    new EventTarget(),
    createSecretKey(Buffer.alloc(8)),
    await webcrypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']),
    (async function* () {})(),
    (function* () {})(),
    [].values(),
    { [Symbol.asyncIterator]: async function* () {} },
    await import('node:path'),
    await import('./module.mjs'),
    await import('data:text/javascript,export const data = 1'),
    Object.assign(Object.create(Array.prototype), { async work() {} }),
    Math,
  ]) {
    assertFaced(value);
  }
});

test('a plain object gets a face for what it holds, at any depth', limit, () => {
  const hidden = Object.defineProperty({}, 'work', { value: async () => 'worked' });
  for (const value of [
    { work() {} },
    { [Symbol('s')]: () => {} },
    hidden,
    { a: { b: { later: new Later() } } },
    { list: [1, [new Later()]] },
    { promise: Promise.resolve(5) },
    Object.assign(Object.create(null), { later: new Later() }),
    vm.runInNewContext('({ async work() {} })'),
  ]) {
    assertFaced(value);
  }
  const [face] = crossings({ a: { later: new Later() }, data: { b: 1 } });
  assert.equal(face.a.later.work(), 'worked');
  assert.ok(isFace(face.a));
  assert.ok(!isFace(face.data));
});

test('nothing is run to find out: no getter, no then', limit, () => {
  const fail = () => assert.fail('was run');
  const lazy = Object.defineProperty({ a: 1 }, 'lazy', { get: fail, enumerable: true });
  assertFaced(lazy);
  assertFaced({ inner: lazy });
  const [face] = crossings({ inner: { lazy: Object.defineProperty({}, 'then', { get: fail }) } });
  assert.ok(isFace(face));
  class Getters {
    get work() {
      return fail();
    }
  }
  assertFaced(new Getters());
});

test('a subclass of what crosses does so too, unless it has members of its own', limit, () => {
  class OwnError extends Error {
    async work() {}
  }
  for (const value of [
    new (class extends Map {})(),
    new (class extends Date {})(),
    new (class extends class extends Set {} {})(),
    new (class extends URL {})('data:,x'),
    new (class extends Array {})(),
    new OwnError(),
  ]) {
    assertCrosses(value);
  }
  class Registry extends Map {
    async load() {
      return this.size;
    }
  }
  class List extends Array {
    async load() {
      return this.length;
    }
  }
  for (const value of [
    new Registry([[1, 2]]),
    List.of(1),
    new (class extends Registry {})([[1, 2]]),
    new (class extends Date {
      work() {}
    })(),
  ]) {
    assertFaced(value);
  }
  assert.equal(syncFace(new Registry([[1, 2]])).load(), 1);
  const list = syncFace(List.of(1, 2));
  assert.equal(list.load(), 2);
  assert.ok(Array.isArray(list));
  assert.deepEqual([...list], [1, 2]);
});

test('what a vm context makes is judged alike', limit, () => {
  const of = (code) => vm.runInNewContext(code);
  for (const code of [
    '({ a: [1, {}] })',
    '[1, [2]]',
    'new Date()',
    '/x/',
    'new Map()',
    'new Error("x")',
    'new Uint8Array(1)',
    'Object(5)',
  ]) {
    assertCrosses(of(code));
  }
  const [list] = crossings(of('(work) => [{ work }]')(async () => 'worked'));
  assert.equal(list[0].work(), 'worked');
});

test('a prototype that crosses does not change what its instances are', limit, () => {
  // In a realm of its own, where nothing has been judged yet.
  const realm = vm.runInNewContext(`({
    Bytes: Uint8Array, Time: Date, List: Array,
    MoreBytes: class extends Uint8Array {}, MoreTime: class extends Date {}, MoreList: class extends Array {},
  })`);
  const { Bytes, Time, List, MoreBytes, MoreTime, MoreList } = realm;
  for (const Class of [MoreBytes, MoreTime, MoreList]) void syncFace(Class).prototype;
  for (const value of [new Bytes(1), new Time(), new List(), new MoreBytes(1), new MoreTime()]) {
    assertCrosses(value);
  }
});

test('what has no face yet gets one when it has something to face', limit, () => {
  const state = { list: [], options: {} };
  const face = syncFace(state);
  assert.equal(face.list, state.list);
  assert.equal(face.options, state.options);
  state.list.push(new Later());
  state.options.later = new Later();
  assert.equal(face.list[0].work(), 'worked');
  assert.equal(face.options.later.work(), 'worked');
  // Asked for by name it gets one at once; data and lists are what a face would give.
  const empty = {};
  assert.ok(isFace(syncFace(empty)));
  const date = new Date();
  assert.equal(syncFace(date), date);
  assert.equal(syncFace([new Later()])[0].work(), 'worked');
});
