// Arbitrary values, by recipes: plain data that says what to build, so that a counterexample can be read and shrunk. Most
// of a value is what JSON can say; a few parts are what it cannot, and sizes lie where the channel changes its way.
import fc from 'fast-check';

/** Where src/channel changes its way: objects and values of a message, its text, a string by itself, large bytes. */
const MOST_OBJECTS = 32;
const MOST_PARTS = 256;
const MOST_TEXT = 8 * 1024;
const LONG = 16 * 1024;
const LARGE = 32 * 1024;

/** So many at least that src/channel/pack.ts takes note of what it has seen. */
const MANY = 2500;

const around = (border, before = 6, after = 3) => fc.integer({ min: border - before, max: border + after });
const keys = ['a', 'b', 'c', 'n', '0', '7', '', 'odd key', '\ud800', 'length', 'constructor', '__proto__'];
const key = (...names) =>
  fc.oneof({ arbitrary: fc.constantFrom(...names), weight: 20 }, fc.constant('toJSON'));

// What JSON can say ----------------------------------------------------------------------------------------------------

const small = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 1 : n)),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 5 }),
  fc.string({ maxLength: 5, unit: 'binary' }),
  fc.constantFrom('\ud800', 'x\udc00', '"\\', '\0\u001f', '\u2028', '__proto__'),
);
const plain = fc.record({ is: fc.constant('leaf'), value: small });

// Borders ----------------------------------------------------------------------------------------------------------------

/** Six characters of JSON each, two, and one. */
const units = ['\0', '\ud800', '"', 'é', 'x'];
const border = fc.oneof(
  fc.record({
    is: fc.constant('text'),
    length: fc.oneof(
      around(MOST_TEXT),
      around(MOST_TEXT / 2),
      around(LONG),
      around(2 * LONG),
      around(4 * LONG),
    ),
    unit: fc.constantFrom(...units),
  }),
  fc.record({ is: fc.constant('long key'), length: around(MOST_TEXT), unit: fc.constantFrom(...units) }),
  fc.record({ is: fc.constant('items'), count: around(MOST_PARTS, 10), item: small }),
  fc.record({
    is: fc.constant('keys'),
    count: fc.oneof(around(MOST_PARTS, 10), fc.constant(3000)),
    item: small,
  }),
  fc.record({
    is: fc.constant('objects'),
    count: fc.oneof({ arbitrary: around(MOST_OBJECTS), weight: 4 }, fc.constant(MANY)),
    keyed: fc.boolean(),
  }),
  fc.record({ is: fc.constant('nested'), depth: fc.oneof(around(MOST_OBJECTS), fc.constantFrom(60, 500)) }),
);

// What it cannot ---------------------------------------------------------------------------------------------------------

const trap = fc.oneof(
  fc.record({ is: fc.constant('leaf'), value: fc.constantFrom(undefined, -0, NaN, Infinity, -Infinity) }),
  fc.record({ is: fc.constant('leaf'), value: fc.bigInt() }),
  fc.record({ is: fc.constant('date'), time: fc.constantFrom(0, -1, 8.64e15) }),
  fc.record({ is: fc.constant('pattern') }),
  fc.record({ is: fc.constant('boxed'), value: fc.constantFrom(0, -0, '', 'text', true, false, 5n) }),
);
const view = (...lengths) =>
  fc.record({
    is: fc.constant('view'),
    name: fc.constantFrom('Uint8Array', 'Float64Array', 'BigInt64Array', 'DataView', 'ArrayBuffer'),
    length: fc.oneof(...lengths),
    offset: fc.constantFrom(0, 0, 8),
    /** Two of one number are views of one buffer. */
    memory: fc.integer({ min: 0, max: 2 }),
  });
const smallView = view(fc.constantFrom(0, 8, 64));
const largeView = view(around(LARGE / 8).map((n) => n * 8));

// Shapes -----------------------------------------------------------------------------------------------------------------

const rarely = fc.oneof({ arbitrary: fc.constant(false), weight: 30 }, fc.constant(true));
const mostly = (value, ...others) => fc.oneof({ arbitrary: fc.constant(value), weight: 20 }, ...others);

/** `bytes`: views, and how many of them; `objects`, `arrays`: what kinds there are beside plain ones; `extra`: keys of an array's own. */
function recipes({ bytes, objects, arrays, extra }) {
  return fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { arbitrary: plain, weight: 12 },
      { arbitrary: tie('object'), weight: 6 },
      { arbitrary: tie('array'), weight: 6 },
      { arbitrary: tie('odd'), weight: 1 },
      { arbitrary: trap, weight: 1 },
      bytes,
      { arbitrary: border, weight: 1 },
      // An object that is there already: one that it lies in, or one beside it.
      { arbitrary: fc.record({ is: fc.constant('again'), which: fc.nat(40) }), weight: 1 },
    ),
    object: fc.record({
      is: fc.constant('object'),
      kind: mostly('plain', fc.constantFrom(...objects)),
      entries: fc.array(
        fc.record({ key: key(...keys), value: tie('node'), getter: rarely, unseen: rarely, symbol: rarely }),
        { maxLength: 5 },
      ),
    }),
    array: fc.record({
      is: fc.constant('array'),
      kind: mostly('plain', fc.constantFrom(...arrays)),
      items: fc.array(tie('node'), { maxLength: 5 }),
      extra: fc.oneof(
        { arbitrary: fc.constant([]), weight: 12 },
        fc.array(fc.record({ key: key(...extra), value: tie('node') }), { minLength: 1, maxLength: 2 }),
      ),
    }),
    odd: fc.record({
      is: fc.constantFrom('map', 'set'),
      items: fc.array(tie('node'), { maxLength: 4 }),
    }),
  })).node;
}

// `length` is no property of an array's user.
const extra = keys.filter((name) => name !== 'length');

/** Recipes of any value that crosses as it is, as JSON or by the port. */
export const recipe = recipes({
  bytes: { arbitrary: smallView, weight: 1 },
  objects: ['null', 'class', 'derived', 'inherits', 'frozen', 'told'],
  arrays: ['derived', 'holed', 'empty', 'frozen', 'holed over its prototype', 'told'],
  extra,
});

/** Recipes of values with large bytes here and there, which are copied by src/channel/pack.ts. */
export const recipeToPack = recipes({
  bytes: { arbitrary: largeView, weight: 3 },
  objects: ['null', 'frozen', 'told'],
  arrays: ['holed', 'empty', 'frozen', 'told'],
  extra: extra.filter((name) => name !== '__proto__'),
});

// Building ---------------------------------------------------------------------------------------------------------------

class Point {
  get sum() {
    return 1;
  }
  toString() {
    return 'a point';
  }
}
class Derived extends Point {
  toJSON() {
    return 'told by toJSON';
  }
}
class List extends Array {}

const prototypes = {
  null: null,
  class: Point.prototype,
  derived: Derived.prototype,
  inherits: { inherited: 'from the prototype' },
};

function define(object, name, value, { getter = false, unseen = false } = {}) {
  const how = getter ? { get: () => value } : { value, writable: true };
  Object.defineProperty(object, name, { ...how, enumerable: !unseen, configurable: true });
}

/** `told`: with a toJSON that nobody but JSON.stringify() looks at. */
function finish(object, kind) {
  if (kind === 'frozen') return Object.freeze(object);
  if (kind === 'told' && !Object.hasOwn(object, 'toJSON')) {
    define(object, 'toJSON', () => 'told by toJSON', { unseen: true });
  }
  return object;
}

/** Builds recipes; what is built by one builder shares its objects. */
export function builder() {
  const made = [];
  const memories = new Map();
  const keep = (object) => {
    made.push(object);
    return object;
  };

  const builders = {
    leaf: ({ value }) => value,
    text: ({ length, unit }) => unit.repeat(length),
    'long key': ({ length, unit }) => keep({ [unit.repeat(length)]: 1 }),
    items: ({ count, item }) => keep(Array.from({ length: count }, () => item)),
    keys: ({ count, item }) =>
      keep(Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, item]))),
    objects: ({ count, keyed }) => keep(Array.from({ length: count }, (_, i) => keep(keyed ? { i } : [i]))),
    nested: ({ depth }) => {
      let inner = keep({});
      for (let i = 1; i < depth; i++) inner = i % 2 ? [inner] : { inner };
      return keep(inner);
    },
    date: ({ time }) => keep(new Date(time)),
    pattern: () => keep(/a(b)?/giu),
    boxed: ({ value }) => keep(Object(value)),
    view: ({ name, length, offset, memory }) => {
      const key = `${memory} ${length}`;
      const buffer = memories.get(key) ?? new Uint8Array(length).fill(7).buffer;
      memories.set(key, buffer);
      return keep(name === 'ArrayBuffer' ? buffer : new globalThis[name](buffer, Math.min(offset, length)));
    },
    again: ({ which }) => (made.length === 0 ? null : made[which % made.length]),
    object: ({ kind, entries }) => {
      const object = keep(kind in prototypes ? Object.create(prototypes[kind]) : {});
      for (const { key, value, getter, unseen, symbol } of entries) {
        define(object, symbol ? Symbol(key) : key, build(value), { getter, unseen });
      }
      return finish(object, kind);
    },
    array: ({ kind, items, extra }) => {
      const array = keep(kind === 'derived' ? new List() : []);
      if (kind === 'empty') array.length = items.length;
      else for (const item of items) array.push(build(item));
      if (kind.startsWith('holed')) delete array[0];
      if (kind === 'holed over its prototype') {
        Object.setPrototypeOf(array, Object.create(Array.prototype, { 0: { value: 'shows through' } }));
      }
      for (const { key, value } of extra) define(array, key, build(value));
      return finish(array, kind);
    },
    map: ({ items }) => {
      const map = keep(new Map());
      for (const [i, item] of items.entries()) map.set(i % 2 ? build(item) : i, build(item));
      return map;
    },
    set: ({ items }) => {
      const set = keep(new Set());
      for (const item of items) set.add(build(item));
      return set;
    },
  };

  const build = (recipe) => builders[recipe.is](recipe);
  return build;
}
