// What the face of an async iterator has where the iterator has none: a generator's methods and, where this Node has
// them, the language's iterator helpers. They work on the face, whose steps are sync.
const IteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

type Steps = Partial<Iterator<unknown>>;

const defaults: object = Object.create(IteratorPrototype, {
  return: { value: (value?: unknown) => ({ done: true, value }) },
  throw: {
    value(this: Steps, error?: unknown) {
      this.return?.();
      throw error;
    },
  },
  [Symbol.dispose]: {
    value(this: Steps) {
      this.return?.();
    },
  },
});

/** Undefined for what is no such thing. */
export function iteratorDefault(target: object, key: PropertyKey): unknown {
  if (!(key in defaults) || key in target || !(Symbol.asyncIterator in target)) return undefined;
  if (typeof (target as Steps).next !== 'function') return undefined;
  return (defaults as Record<PropertyKey, unknown>)[key];
}
