// What stands here for an object of the service thread: each use of it is a call there, for which this thread sleeps.
//
// Guarantees:
// - methods that the object has from its class are one call; every other member is read when it is asked for;
// - an async iterable is a sync one, step by step, and leaving the loop closes the source;
// - it is no thenable, and showing it to a person asks the other thread nothing.
import { inspect } from 'node:util';
import { Fixed } from '../channel/fixed.js';
import type { Shape } from '../channel/marks.js';
import { ThreadDiedError, TimeoutError } from '../errors.js';
import { isHandle } from './handles.js';

type Method = (...args: unknown[]) => unknown;

/** The names of operations, each an object that stands for its address. */
export const OPERATIONS = {
  make: { name: 'make' },
  open: { name: 'open' },
  iterate: { name: 'iterate' },
  step: { name: 'step' },
  invoke: { name: 'invoke' },
  apply: { name: 'apply' },
  construct: { name: 'construct' },
  get: { name: 'get' },
  set: { name: 'set' },
  has: { name: 'has' },
  remove: { name: 'remove' },
  keys: { name: 'keys' },
  dispose: { name: 'dispose' },
} as const;

export type Operation = keyof typeof OPERATIONS;

/** Who makes the calls of a handle. */
export interface Owner {
  call(operation: Operation, what: string, args: readonly unknown[], listens: boolean): unknown;
  release(handle: object): void;
  isAlive(): boolean;
}

/** Methods whose functions are called later, not only while the method runs. */
const LISTENS =
  /^(?:on|once|off|addListener|prependListener|prependOnceListener|removeListener|addEventListener|removeEventListener|subscribe|unsubscribe)$/;

const IteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** A sync iterator over one of the service thread. */
export function iteratorOf(owner: Owner, name: string): IterableIterator<unknown> & Disposable {
  let done = false;
  const what = name === '' ? 'the iterator' : name;
  const step = (method: string, args: unknown[]): IteratorResult<unknown> => {
    let value: unknown;
    try {
      const result = owner.call('step', `${what}.${method}()`, [own, method, ...args], false);
      [done, value] = result as [boolean, unknown];
    } catch (error) {
      // The caller's patience ends before the source does.
      done = !(error instanceof TimeoutError);
      throw error;
    } finally {
      if (done) owner.release(own);
    }
    return { done, value } as IteratorResult<unknown>;
  };
  const own = Object.assign(Object.create(IteratorPrototype) as Iterable<unknown>, {
    next: (...args: unknown[]) => (done ? { done, value: undefined } : step('next', args)),
    return: (...args: unknown[]) => (done ? { done, value: args[0] } : step('return', args)),
    throw: (...args: unknown[]) => {
      if (done) throw args[0];
      return step('throw', args);
    },
    [Symbol.dispose]: () => {
      if (!done) step('return', []);
    },
  });
  return own as unknown as IterableIterator<unknown> & Disposable;
}

export class Handle extends Fixed implements ProxyHandler<object> {
  readonly proxy: object;
  readonly #owner: Owner;
  readonly #shape: Shape;
  readonly #prototype: object | undefined;
  readonly #what: string;
  readonly #methods: ReadonlySet<string>;
  readonly #made = new Map<PropertyKey, Method>();
  #disposed = false;

  constructor(owner: Owner, shape: Shape, prototype: object | undefined) {
    super();
    this.#owner = owner;
    this.#shape = shape;
    this.#prototype = prototype;
    this.#what = shape.name === '' ? 'the object' : shape.name;
    this.#methods = new Set(shape.methods);
    // A bound class can be called and constructed and, unlike any other, has no prototype that cannot be taken away.
    const callable = shape.of === 'function' || shape.of === 'class';
    const shadow: object = callable ? (Object.bind(undefined) as object) : {};
    // util.inspect looks through a Proxy, at what it stands on.
    Object.defineProperty(shadow, inspect.custom, {
      value: () => `[${this.#what} on a service thread]`,
      configurable: true,
    });
    this.proxy = new Proxy(shadow, this);
  }

  #call(operation: Operation, member: string, args: readonly unknown[], listens = false): unknown {
    return this.#owner.call(operation, this.#what + member, [this.proxy, ...args], listens);
  }

  #method(key: PropertyKey, make: () => Method): Method {
    let method = this.#made.get(key);
    if (method === undefined) {
      method = make();
      if (typeof key === 'string') Object.defineProperty(method, 'name', { value: key, configurable: true });
      this.#made.set(key, method);
    }
    return method;
  }

  get(_shadow: object, key: PropertyKey): unknown {
    if (typeof key === 'symbol') return this.#symbol(key);
    const name = String(key);
    if (this.#methods.has(name)) {
      const listens = LISTENS.test(name);
      const { proxy } = this;
      const call = (self: object, args: unknown[]): unknown =>
        this.#owner.call('invoke', `${this.#what}.${name}()`, [self, name, ...args], listens);
      return this.#method(
        name,
        () =>
          // `method.call(other)` is for the other one; a method that was taken off keeps its own.
          function (this: unknown, ...args: unknown[]) {
            return call(typeof this === 'object' && this !== null && isHandle(this) ? this : proxy, args);
          },
      );
    }
    // Asked by whoever wants to know whether to wait for it.
    if (name === 'then') return undefined;
    return this.#call('get', `.${name}`, [name]);
  }

  #symbol(key: symbol): unknown {
    if (key === Symbol.iterator && this.#shape.iterates) {
      return this.#method(key, () => () => this.#call('iterate', '[Symbol.iterator]()', []));
    }
    if (key === Symbol.dispose) {
      return this.#method(key, () => () => {
        if (this.#disposed) return;
        this.#disposed = true;
        try {
          this.#call('dispose', '[Symbol.dispose]()', []);
        } catch (error) {
          // Nothing is left to dispose of, and whoever leaves a block because of that has an error already.
          if (!(error instanceof ThreadDiedError) || this.#owner.isAlive()) throw error;
        } finally {
          this.#owner.release(this.proxy);
        }
      });
    }
    return undefined;
  }

  set(_shadow: object, key: PropertyKey, value: unknown): boolean {
    if (typeof key === 'symbol') return false;
    return this.#call('set', `.${String(key)}`, [key, value]) === true;
  }

  has(_shadow: object, key: PropertyKey): boolean {
    if (typeof key === 'symbol') return this.#symbol(key) !== undefined;
    return this.#methods.has(key as string) || this.#call('has', `.${String(key)}`, [key]) === true;
  }

  deleteProperty(_shadow: object, key: PropertyKey): boolean {
    return typeof key === 'symbol' || this.#call('remove', `.${String(key)}`, [key]) === true;
  }

  #keys(): [key: string, enumerable: boolean][] {
    return this.#call('keys', '', []) as [string, boolean][];
  }

  ownKeys(): string[] {
    return this.#keys().map(([key]) => key);
  }

  getOwnPropertyDescriptor(_shadow: object, key: PropertyKey): PropertyDescriptor | undefined {
    const found = typeof key === 'symbol' ? undefined : this.#keys().find(([name]) => name === key);
    if (found === undefined) return undefined;
    return { value: this.get(_shadow, key), enumerable: found[1], writable: true, configurable: true };
  }

  getPrototypeOf(): object | null {
    if (this.#prototype !== undefined) return this.#prototype;
    return this.#shape.of === 'function' || this.#shape.of === 'class'
      ? Function.prototype
      : Object.prototype;
  }

  apply(_shadow: object, self: unknown, args: unknown[]): unknown {
    return this.#call('apply', '()', [self, ...args]);
  }

  construct(_shadow: object, args: unknown[]): object {
    return this.#owner.call('construct', `new ${this.#what}()`, [this.proxy, ...args], false) as object;
  }
}
