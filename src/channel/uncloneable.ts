// Where in a value is the thing that cannot cross?

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function clones(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'symbol') return 'a symbol';
  const name: unknown = (value as object | null)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an object of class ${name}` : 'an object';
}

function* parts(value: object): Generator<[string, unknown]> {
  if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      yield [`.keys()[${i}]`, key];
      yield [typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${i}]`, item];
      i++;
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield [`.values()[${i++}]`, item];
  } else {
    for (const key of Object.keys(value)) {
      const step = Array.isArray(value)
        ? `[${key}]`
        : IDENTIFIER.test(key)
          ? `.${key}`
          : `[${JSON.stringify(key)}]`;
      let item: unknown;
      try {
        item = Reflect.get(value, key);
      } catch (error) {
        item = error;
      }
      yield [step, item];
    }
  }
}

/** The path of the first thing in `value` that structured clone refuses, and what it is; undefined where it takes all. */
export function findUncloneable(value: unknown, path: string): { path: string; what: string } | undefined {
  if (clones(value)) return undefined;
  const seen = new Set<object>();
  let at: unknown = value;
  let where = path;
  search: for (;;) {
    if (typeof at !== 'object' || at === null || seen.has(at)) break;
    seen.add(at);
    for (const [step, item] of parts(at)) {
      if (item === null || (typeof item === 'object' && seen.has(item)) || clones(item)) continue;
      at = item;
      where += step;
      continue search;
    }
    break;
  }
  return { path: where, what: kindOf(at) };
}
