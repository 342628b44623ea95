// Which way a value takes: as JSON in the box, or through the port. Neither shows in what arrives (crossing.test.mjs), but
// each border is there for a reason, and is held here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built } from './built.mjs';
import { difference } from './same.mjs';

const limit = { timeout: 20_000 };
const { keep, jsonOfAll, forget } = await built('channel/json.ts');
const { read, write } = await built('channel/codec.ts');

const MOST_PARTS = 256;
const MOST_OBJECTS = 32;
const MOST_TEXT = 8 * 1024;
const LONG = 16 * 1024;
const BOX_BYTES = 64 * 1024;
const MOST_VALUES = 250;

/** Is this value JSON on its way? */
function isJson(value) {
  try {
    return keep(value) && jsonOfAll() !== '';
  } finally {
    forget();
  }
}

/** Does this message go into the box? If so, it has to come out as it was. */
function fits(...message) {
  const bytes = Buffer.alloc(BOX_BYTES);
  if (!write(bytes, message)) return false;
  assert.equal(difference(read(bytes), structuredClone(message)), undefined);
  return true;
}

const numbers = (length) => Array.from({ length }, (_, i) => i);
const objects = (length) => Array.from({ length }, () => ({}));
const text = (length) => 'x'.repeat(length);
const named = (name) => ({ [name]: 1 });
const bare = (value) => Object.assign(Object.create(null), value);

/** structuredClone() does not look at it; JSON.stringify() does. */
const unseen = (object) =>
  Object.defineProperty(object, 'toJSON', { value: () => 'told', enumerable: false });

class Point {
  x = 1;
}
class Told {
  toJSON() {
    return 1;
  }
}
class List extends Array {}

const one = {};
const cycle = {};
cycle.self = cycle;
const throwing = {
  get value() {
    throw new RangeError('getter');
  },
};

const plain = {
  'an empty object': {},
  'an empty array': [],
  null: { a: null, b: [null] },
  booleans: [true, false],
  numbers: [0, 1, -1, 0.1, 1e21, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53],
  strings: ['', 'a', '\ud800', '\0', '"'],
  'what is nested': { a: [{ b: [[]] }] },
  'no prototype': bare({ a: bare({}) }),
  'a getter': {
    get a() {
      return [1];
    },
  },
  'own toJSON that is no function': { toJSON: 1 },
  'toJSON that is not enumerable': unseen({ a: 1 }),
  'toJSON that is not enumerable, of an array': unseen([1]),
  'toJSON that is not enumerable, without a prototype': [unseen(bare({ a: 1 }))],
  'as many values as may be': numbers(MOST_PARTS - 1),
  'as many objects as may be': objects(MOST_OBJECTS - 1),
  'as much text as may be': [text(MOST_TEXT)],
  'as much text as may be, in keys too': { [text(100)]: text(MOST_TEXT - 100) },
  'as much text as may be, in keys only': named(text(MOST_TEXT)),
};

/** JSON with something in the place of each undefined. */
const gappy = {
  undefined: [undefined],
  'a property that is undefined': { a: undefined },
  'an item that is none': [[[undefined]]],
  'some, among others': { a: [1, undefined, { b: undefined, c: 'undefined' }], d: null },
};

const other = {
  'what stands for undefined': ['\0undefined'],
  'a property for a hole, beside an undefined': Object.assign(new Array(2), { 1: undefined, a: 1 }),
  '-0': [-0],
  NaN: { a: NaN },
  infinity: [Infinity],
  'a BigInt': [1n],
  'a symbol': [Symbol('s')],
  'a function': [() => {}],
  'one object twice': [one, one],
  'one array twice': { a: plain.booleans, b: plain.booleans },
  'a cycle': cycle,
  'a Proxy': new Proxy({}, {}),
  'a Proxy inside': [new Proxy([], {})],
  'own toJSON': { toJSON: () => 1 },
  'own toJSON of an array': Object.assign([1], { toJSON: () => 1 }),
  'inherited toJSON': [new Told()],
  'a Date': [new Date(0)],
  'a class’s instance': [new Point()],
  'what inherits': Object.create({ a: 1 }),
  'a Map': [new Map()],
  'a Set': { a: new Set() },
  'a regular expression': [/a/],
  'a boxed number': [Object(1)],
  'a typed array': [new Uint8Array(1)],
  'an array of a class': List.of(1),
  holes: [new Array(2)],
  'a hole at the end': Object.assign([1], { length: 2 }),
  'a property beside the items': Object.assign([1], { a: 1 }),
  'a property for a hole': Object.assign(new Array(1), { a: 1 }),
  'a getter that throws': throwing,
  'own __proto__': JSON.parse('{ "__proto__": { "a": 1 } }'),
  'a value too many': numbers(MOST_PARTS),
  'a value too many, in an object': Object.fromEntries(numbers(MOST_PARTS).map((i) => [`k${i}`, i])),
  'a value too many, in several': [numbers(100), numbers(100), numbers(MOST_PARTS - 203)],
  'an object too many': objects(MOST_OBJECTS),
  'an object too many, one in the other': numbers(MOST_OBJECTS).reduce((inner) => [inner], {}),
  'text too long': [text(MOST_TEXT + 1)],
  'text too long, in several': [text(MOST_TEXT), 'x'],
  'text too long, with the key before it': { [text(MOST_TEXT)]: 'x' },
  'text too long, with the key': { [text(100)]: text(MOST_TEXT - 99) },
};

for (const [name, value] of Object.entries(plain)) {
  test(`as JSON: ${name}`, limit, () => {
    assert.ok(isJson(value));
    assert.ok(keep(value));
    assert.equal(difference(JSON.parse(jsonOfAll()), structuredClone(value)), undefined);
    forget();
    assert.ok(fits(value));
  });
}

for (const [name, value] of Object.entries(gappy)) {
  test(`as JSON with gaps: ${name}`, limit, () => {
    assert.ok(isJson(value));
    assert.ok(fits(value));
    // Each value of a message for itself, and what has no gaps after one that has.
    assert.ok(fits(value, { a: 1 }, undefined, [undefined], 'x'));
  });
}

for (const [name, value] of Object.entries(other)) {
  test(`by the port: ${name}`, limit, () => {
    assert.equal(isJson(value), false);
    assert.equal(fits(value), false);
  });
}

test('an array that is too long is not read first', limit, () => {
  let reads = 0;
  const get = () => reads++;
  const long = Object.defineProperty(numbers(MOST_PARTS + 1), '0', { get, enumerable: true });
  assert.equal(isJson(long), false);
  assert.equal(reads, 0);
});

test('a toJSON that all objects have', limit, () => {
  for (const prototype of [Object.prototype, Array.prototype]) {
    Object.defineProperty(prototype, 'toJSON', { value: () => 'told', configurable: true });
    try {
      for (const value of [{ a: 1 }, [1]]) assert.equal(isJson(value), false);
    } finally {
      delete prototype.toJSON;
    }
  }
});

test('an enumerable property that all objects have', limit, () => {
  Object.prototype.everywhere = 1;
  try {
    assert.equal(isJson({ a: 1 }), false);
  } finally {
    delete Object.prototype.everywhere;
  }
});

test('what throws when it is looked at goes to the port, and the next message goes as ever', limit, () => {
  const view = new DataView(new ArrayBuffer(8));
  structuredClone(view.buffer, { transfer: [view.buffer] });
  assert.throws(() => view.byteLength);
  assert.equal(fits({ a: 1 }, view), false);
  assert.ok(fits({ a: 1 }, { b: 2 }));
});

test('several objects of a message are one text', limit, () => {
  assert.ok(fits({ a: 1 }, 2, [3], 'four', { b: [5] }));
  assert.ok(fits({ a: undefined }, 2, [3], undefined, { b: [5] }));
  assert.ok(fits([], [[]], [[], []]));
});

test('a getter that makes a message of its own', limit, () => {
  const inner = Buffer.alloc(BOX_BYTES);
  let written;
  const value = {
    get a() {
      written = write(inner, [{ x: 1 }, { y: 2 }]);
      return 1;
    },
  };
  const bytes = Buffer.alloc(BOX_BYTES);
  assert.ok(write(bytes, [{ first: 1 }, value, { last: 1 }]) > 0);
  assert.deepEqual(read(bytes), [{ first: 1 }, { a: 1 }, { last: 1 }]);
  assert.equal(written, 0, 'it goes another way');
  assert.ok(write(inner, [{ x: 1 }, { y: 2 }]) > 0);
});

test('what an array’s prototype shows in place of a hole is no item', limit, () => {
  const prototype = Object.create(Array.prototype, { 0: { value: 'shows through' } });
  const array = Object.setPrototypeOf(Object.assign(new Array(1), { more: 1 }), prototype);
  assert.equal(isJson(array), false);
});

test('the borders are a message’s, not a value’s', limit, () => {
  assert.ok(fits(numbers(127), numbers(127)));
  assert.equal(fits(numbers(128), numbers(127)), false);
  assert.ok(fits(objects(15), objects(15)));
  assert.equal(fits(objects(15), objects(16)), false);
  assert.ok(fits([text(MOST_TEXT / 2)], [text(MOST_TEXT / 2)]));
  assert.equal(fits([text(MOST_TEXT / 2)], [text(MOST_TEXT / 2 + 1)]), false);
  assert.equal(fits(one, one), false);
  assert.equal(fits(one, { one }), false);
});

test('the next message starts anew, whatever became of this one', limit, () => {
  for (const value of [numbers(MOST_PARTS), objects(MOST_OBJECTS), [text(MOST_TEXT + 1)], throwing, cycle]) {
    assert.equal(fits(value), false);
    assert.ok(fits(one, numbers(200)));
    assert.ok(fits(one, numbers(200)));
  }
});

test('what does not fit into the box', limit, () => {
  // A control character takes six of JSON's, and each takes two bytes.
  const most = Math.floor((BOX_BYTES / 2 - 10) / 6);
  assert.ok(fits(['\0'.repeat(most)]));
  assert.equal(fits(['\0'.repeat(most + 2)]), false);
  assert.ok(fits(text(LONG)));
  assert.equal(fits(text(LONG + 1)), false);
  assert.ok(fits(text(LONG), text(LONG - 100)));
  assert.equal(fits(text(LONG), text(LONG)), false);
  // Five bytes are left, and a value asks for sixteen before it is looked at.
  const full = [text(LONG - 4), text(LONG - 4)];
  assert.ok(fits(...full));
  for (const value of [1, true, null, undefined, '', {}]) assert.equal(fits(...full, value), false);
  assert.ok(fits(...numbers(MOST_VALUES)));
  assert.equal(fits(...numbers(MOST_VALUES + 1)), false);
});

test('values by themselves', limit, () => {
  assert.ok(fits(undefined, null, true, false, 0, -0, NaN, Infinity, -Infinity, 0.1, '', '\ud800', 'text'));
  for (const value of [1n, Symbol('s'), () => {}]) assert.equal(write(Buffer.alloc(BOX_BYTES), [value]), 0);
});

test('few bytes on their own go into the box as what they are', limit, () => {
  const LARGE = 32 * 1024;
  const fresh = (length) => new Uint8Array(length).map((_, i) => i);
  const views = [
    Uint8Array,
    Uint8ClampedArray,
    Int8Array,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
    Float32Array,
    Float64Array,
    BigUint64Array,
    BigInt64Array,
    DataView,
  ];
  for (const View of views) {
    assert.ok(fits(1, 'odd', new View(fresh(64).buffer)), View.name);
    assert.ok(
      !fits(new View(fresh(64).buffer, 8, 1)),
      `${View.name}: structured clone takes the rest of the buffer along`,
    );
  }
  assert.ok(fits(fresh(5).buffer));
  assert.ok(fits(fresh(LARGE - 1)));
  assert.ok(!fits(fresh(LARGE)), 'that is moved');
  const bytes = Buffer.alloc(BOX_BYTES);
  assert.ok(write(bytes, [Buffer.from('some of a pool')]));
  const [there] = read(bytes);
  assert.ok(Buffer.isBuffer(there));
  assert.equal(there.toString(), 'some of a pool');
  const one = fresh(5);
  assert.ok(!fits(one, one), 'they have to be one on the other side as well');
  assert.ok(!fits(new (class extends Uint8Array {})(5)), 'a class of its own');
  assert.ok(!fits(new Uint8Array(new SharedArrayBuffer(5))));
  assert.ok(!fits(new Uint8Array(new ArrayBuffer(5, { maxByteLength: 9 }))));
  assert.ok(!fits(new Uint8Array(0)), 'it may be a detached one');
  const detached = fresh(5);
  structuredClone(detached, { transfer: [detached.buffer] });
  assert.equal(write(Buffer.alloc(BOX_BYTES), [detached]), 0);
  assert.ok(!fits({ data: fresh(5) }), 'among other things');
});
