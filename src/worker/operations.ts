// What a caller can do with an object of this thread. Each is called like a function of a module: by its name.
import { isClass, isObject, isThenable } from '../channel/faceable.js';
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';

/** What of a call is sent by handle, where it is no plain data. */
export class Faced {
  readonly #isFaced = true;

  constructor(readonly value: unknown) {}

  /** Asks no Proxy, whose answer might be an error. */
  static is(value: unknown): value is Faced {
    return isObject(value) && #isFaced in value;
  }
}

type Members = Record<PropertyKey, unknown>;
type Method = (...args: unknown[]) => unknown;
type Source = Partial<AsyncIterable<unknown> & Iterable<unknown>>;

/** A promise is waited for, and all promises of a list together: while one is, another's rejection is no stray one. */
export function faced(value: unknown): unknown {
  if (isThenable(value)) return Promise.resolve(value).then(faced);
  return Array.isArray(value) && value.some(isThenable) ? Promise.all(value).then(faced) : new Faced(value);
}

function method(object: object, key: string): Method {
  const found = (object as Members)[key];
  if (typeof found === 'function') return found as Method;
  throw new TypeError(`${key} is not a function of this object: it is ${describe(found)}`);
}

function iteratorOf(source: unknown, what: string): object {
  const from = (isObject(source) ? source : {}) as Source;
  const open = from[Symbol.asyncIterator] ?? from[Symbol.iterator];
  if (typeof open === 'function') return (open as () => object).call(source);
  throw new InvalidArgumentError(`${what} gave ${describe(source)}, which is no iterable.`);
}

/** What an iterator's step has given, if it is what an iterator gives. */
export function checkStep(result: unknown): IteratorResult<unknown> {
  if (isObject(result)) return result as unknown as IteratorResult<unknown>;
  throw new InvalidArgumentError(`The iterator gave ${describe(result)} where one gives { done, value }.`);
}

/** [done, value]. */
function step(result: unknown): unknown {
  if (isThenable(result)) return Promise.resolve(result).then(step);
  const { done, value } = checkStep(result);
  return isThenable(value)
    ? Promise.resolve(value).then((settled) => new Faced([done === true, settled]))
    : new Faced([done === true, value]);
}

export type Load = (target: unknown) => Promise<unknown>;

/** The operations; `load` finds what is exported. */
export function operations(load: Load): Record<string, Method> {
  const own = {
    make: async (target: unknown, ...args: unknown[]) => {
      const made = (await load(target)) as Method;
      return faced(isClass(made) ? Reflect.construct(made, args) : made(...args));
    },
    open: async (target: unknown, ...args: unknown[]) => {
      const fn = (await load(target)) as Method;
      return new Faced(iteratorOf(await fn(...args), fn.name === '' ? 'The function' : fn.name));
    },
    iterate: (object: object) => new Faced(iteratorOf(object, 'The object')),
    step: (iterator: object, name: string, ...args: unknown[]) => {
      const found = (iterator as Members)[name] as Method | undefined;
      if (typeof found === 'function') return step(found.apply(iterator, args));
      if (name === 'return') return step({ done: true, value: args[0] });
      return Promise.resolve(((iterator as Members)['return'] as Method | undefined)?.call(iterator)).then(
        () => {
          throw args[0];
        },
      );
    },
    invoke: (object: object, key: string, ...args: unknown[]) =>
      faced(method(object, key).apply(object, args)),
    apply: (fn: Method, self: unknown, ...args: unknown[]) => faced(fn.apply(self, args)),
    construct: (Class: Method, ...args: unknown[]) => faced(Reflect.construct(Class, args)),
    get: (object: object, key: string) => faced((object as Members)[key]),
    set: (object: object, key: string, value: unknown) => Reflect.set(object, key, value),
    has: (object: object, key: string) => key in object,
    remove: (object: object, key: string) => Reflect.deleteProperty(object, key),
    /** Own keys, and which of them can be seen. */
    keys: (object: object) =>
      Object.entries(Object.getOwnPropertyDescriptors(object)).map(([key, { enumerable }]) => [
        key,
        enumerable,
      ]),
    dispose: (object: object) => {
      const members = object as Members;
      const dispose = members[Symbol.asyncDispose] ?? members[Symbol.dispose];
      return typeof dispose === 'function'
        ? Promise.resolve(dispose.call(object)).then(() => undefined)
        : undefined;
    },
  };
  return own as Record<string, Method>;
}
