// Random values of every kind that crosses, most of them small; some lie where the channel changes its way.
const views = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];
const numbers = [0, -0, 1, -1, 0.1, NaN, Infinity, -Infinity, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE];
const texts = ['', 'a', 'ä€𝄞', '\0\u0001\u001f', '\ud800', 'x\udc00', '"\\\n', '__proto__', '\ufeff'];
const lengths = [8_191, 8_192, 16_383, 16_384, 16_385, 32_750, 32_768, 65_536, 100_000];
const keys = ['a', 'b', 'key', '0', '17', 'odd key', '', '__proto__', 'ü'];

export function randomValues(random) {
  const { below, fraction, pick } = random;

  const length = () => (below(60) === 0 ? pick(lengths) - below(3) : below(40));
  const text = () => (below(3) === 0 ? pick(texts) : pick(['x', 'é', '\0']).repeat(length()));
  const number = () => pick([below, fraction, () => pick(numbers)])(1000);
  const bytes = () => {
    const made = new Uint8Array(length()).fill(below(256));
    if (made.length > 0) made[below(made.length)] = below(256);
    return made;
  };
  const view = () => {
    const View = pick(views);
    const { buffer } = bytes();
    return new View(buffer, 0, Math.floor(buffer.byteLength / View.BYTES_PER_ELEMENT));
  };

  const leaves = [
    number,
    text,
    () => pick([true, false, null, undefined]),
    () => BigInt(below(2 ** 30)) ** BigInt(below(8)) * (below(2) ? 1n : -1n),
    () => new Date(below(2 ** 31) * 1000),
    () => Buffer.from(bytes()),
    view,
    () => bytes().buffer,
    () => new DataView(bytes().buffer),
    () => /a(b)?/giu,
    () => Object(pick([1, 's', true, 5n])),
    () => pick([RangeError, Error])(text()),
  ];
  const list = (depth) => Array.from({ length: below(5) }, () => any(depth + 1));
  const holed = (depth) => Object.assign([], { [below(9)]: any(depth + 1), length: 9 });
  const twice = (depth) => {
    const one = any(depth + 1);
    return [one, { one }];
  };
  const cycle = (depth) => {
    const made = { inner: any(depth + 1) };
    made.self = made;
    return made;
  };
  const object = (depth) => {
    const made = below(4) ? {} : Object.create(null);
    for (let i = below(6); i > 0; i--) {
      Object.defineProperty(made, pick(keys), {
        value: any(depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return made;
  };
  const map = (depth) => new Map(list(depth).map((item, i) => [below(2) ? i : text(), item]));
  const set = (depth) => new Set(list(depth));
  const wide = () => Array.from({ length: 250 + below(12) }, (_, i) => (below(2) ? i : { i }));
  const branches = [list, object, object, list, map, set, holed, twice, cycle];

  /** What nests four deep at most. */
  function any(depth = 0) {
    if (depth > 3 || below(5) < 2 + depth) return pick(leaves)();
    return below(40) === 0 ? wide() : pick(branches)(depth);
  }

  return { any, text };
}

/** What a value is on the other side: structured clone keeps no null for a prototype. */
export function asCrossed(value, seen = new Map()) {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const put = (made) => {
    seen.set(value, made);
    return made;
  };
  if (value instanceof Map) {
    const made = put(new Map());
    for (const [key, item] of value) made.set(key, asCrossed(item, seen));
    return made;
  }
  if (value instanceof Set) {
    const made = put(new Set());
    for (const item of value) made.add(asCrossed(item, seen));
    return made;
  }
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== null && value.constructor !== Object) {
    return value;
  }
  const made = put(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) {
    Object.defineProperty(made, key, {
      value: asCrossed(value[key], seen),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return made;
}
