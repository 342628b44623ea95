// Is one value exactly another: the same graph, with the same references in the same places?
import { types } from 'node:util';

const path = (at, key) =>
  typeof key === 'symbol' ? `${at}[${String(key)}]` : `${at}[${JSON.stringify(key)}]`;

function brief(value) {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return Object.is(value, -0) ? '-0' : typeof value === 'bigint' ? `${value}n` : String(value);
}

function kindOf(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** Where they are different, as text; undefined where they are the same. */
export function difference(actual, expected) {
  /** Each object and the one that stands for it, in both directions. */
  const theirs = new Map();
  const ours = new Map();

  function objects(a, b, at) {
    if (theirs.has(b) || ours.has(a)) {
      return theirs.get(b) === a && ours.get(a) === b ? undefined : `${at} is not the same reference`;
    }
    theirs.set(b, a);
    ours.set(a, b);
    const kinds = [kindOf(a), kindOf(b)];
    if (kinds[0] !== kinds[1]) return `${at} is of kind ${kinds[0]} instead of ${kinds[1]}`;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${at} has another prototype`;
    return inside(a, b, at) ?? properties(a, b, at);
  }

  /** What is not in properties. */
  function inside(a, b, at) {
    if (b instanceof Date) return value(a.getTime(), b.getTime(), `${at}.getTime()`);
    if (b instanceof RegExp) return value(`${a} ${a.lastIndex}`, `${b} ${b.lastIndex}`, at);
    if (types.isBoxedPrimitive(b)) return value(a.valueOf(), b.valueOf(), `${at}.valueOf()`);
    if (b instanceof Map) return list([...a].flat(), [...b].flat(), `${at}.entries()`);
    if (b instanceof Set) return list([...a], [...b], `${at}.values()`);
    if (b instanceof ArrayBuffer) {
      return Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0 ? undefined : `${at} has other bytes`;
    }
    if (!ArrayBuffer.isView(b)) return undefined;
    return (
      value(a.byteOffset, b.byteOffset, `${at}.byteOffset`) ??
      value(a.byteLength, b.byteLength, `${at}.byteLength`) ??
      value(a.buffer, b.buffer, `${at}.buffer`)
    );
  }

  function list(a, b, at) {
    if (a.length !== b.length) return `${at} are ${a.length} instead of ${b.length}`;
    for (let i = 0; i < b.length; i++) {
      const found = value(a[i], b[i], path(at, i));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function properties(a, b, at) {
    // The items of a view are its bytes.
    if (ArrayBuffer.isView(b)) return undefined;
    const keys = Reflect.ownKeys(b);
    const found = list(Reflect.ownKeys(a), keys, `the keys of ${at}`);
    if (found !== undefined) return found;
    for (const key of keys) {
      const [mine, other] = [a, b].map((object) => Object.getOwnPropertyDescriptor(object, key));
      for (const flag of ['enumerable', 'writable', 'configurable']) {
        if (mine[flag] !== other[flag]) return `${path(at, key)} is ${flag}: ${mine[flag]}`;
      }
      const inner = value(mine.value, other.value, path(at, key));
      if (inner !== undefined) return inner;
    }
    return undefined;
  }

  function value(a, b, at) {
    if (typeof b !== 'object' || b === null || typeof a !== 'object' || a === null) {
      return Object.is(a, b) ? undefined : `${at} is ${brief(a)} instead of ${brief(b)}`;
    }
    return objects(a, b, at);
  }

  return value(actual, expected, 'it');
}
