// What stands here for an object of a thread of its own: each use of it is a call there, and gives a promise.
//
// Guarantees:
// - methods are known from the object; every other member is read when it is asked for, and is a promise as well;
// - it is no thenable, so a promise of it gives it; showing it to a person asks the other thread nothing;
// - disposing of the first object ends its thread, of another one lets it go.
import { inspect } from 'node:util';
import type { Shape } from '../channel/marks.js';
import { InvalidArgumentError, ThreadDiedError } from '../errors.js';
import { Answer } from './answer.js';
import {
  APPLY,
  type Caller,
  type CallOptions,
  CONSTRUCT,
  DISPOSE,
  GET,
  INVOKE,
  ITERATE,
  type Operation,
} from './caller.js';
import { Pulled } from './pulled.js';

type Method = (...args: unknown[]) => unknown;

export class AsyncHandle implements ProxyHandler<object> {
  readonly id: number;
  readonly what: string;
  readonly proxy: object;
  /** The face that holds the object; this one is another view of it, or the same. */
  readonly first: object;
  readonly #thread: Caller;
  readonly #shape: Shape;
  readonly #ownsThread: boolean;
  readonly #options: CallOptions;
  readonly #methods: ReadonlySet<string>;
  readonly #made = new Map<PropertyKey, Method>();

  constructor(
    thread: Caller,
    id: number,
    what: string,
    shape: Shape,
    ownsThread: boolean,
    options: CallOptions,
    first?: object,
  ) {
    this.id = id;
    this.what = what;
    this.#thread = thread;
    this.#shape = shape;
    this.#ownsThread = ownsThread;
    this.#options = options;
    this.#methods = new Set(shape.methods);
    // A bound class can be called and constructed and, unlike any other, has no prototype that cannot be taken away.
    const callable = shape.of === 'function' || shape.of === 'class';
    const shadow: object = callable ? (Object.bind(undefined) as object) : {};
    // util.inspect looks through a Proxy, at what it stands on.
    Object.defineProperty(shadow, inspect.custom, {
      value: () => `[${what} on a thread of its own]`,
      configurable: true,
    });
    this.proxy = new Proxy(shadow, this);
    this.first = first ?? this.proxy;
  }

  /** The same with other options. */
  with(options: CallOptions): AsyncHandle {
    return new AsyncHandle(
      this.#thread,
      this.id,
      this.what,
      this.#shape,
      this.#ownsThread,
      options,
      this.first,
    );
  }

  /** A view of it: see `asyncFace.with().on()`. */
  view(options: CallOptions): object {
    return this.#thread.view(this, { ...this.#thread.options, ...options });
  }

  /** One operation on the object, whose number is among the arguments. */
  call(
    operation: Operation,
    member: string,
    args: readonly unknown[],
    options: CallOptions = this.#options,
  ): Promise<unknown> {
    return Answer.of(
      this.#thread.call(operation, this.what + member, args, options, this.first).then((given) => {
        if (given instanceof Pulled) given.options = this.#options;
        return given;
      }),
    );
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
    // Asked by whoever wants to know whether to wait for it.
    if (name === 'then') return undefined;
    if (this.#methods.has(name)) {
      const call = (args: unknown[]) => this.call(INVOKE, `.${name}()`, [this.id, name, ...args]);
      return this.#method(
        name,
        () =>
          (...args: unknown[]) =>
            call(args),
      );
    }
    const value = this.call(GET, `.${name}`, [this.id, name]);
    // Whoever only looks at members, as test runners do, awaits none.
    value.catch(() => {});
    return value;
  }

  #symbol(key: symbol): unknown {
    if (key === Symbol.asyncIterator && this.#shape.iterates) {
      return this.#method(key, () => () => this.call(ITERATE, '[Symbol.asyncIterator]()', [this.id]));
    }
    if (key === Symbol.asyncDispose) return this.#method(key, () => () => this.#dispose());
    return undefined;
  }

  async #dispose(): Promise<void> {
    const thread = this.#thread;
    if (thread.isOver && this.#ownsThread) return thread.end();
    if (thread.isOver || thread.wasReleased(this.first)) return;
    // Whoever has given up its calls wants it to end all the same.
    const { signal: _, ...options } = this.#options;
    const disposed = this.call(DISPOSE, '[Symbol.asyncDispose]()', [this.id], options);
    if (!this.#ownsThread) thread.release(this.first);
    const ended = this.#ownsThread ? thread.end() : undefined;
    try {
      await disposed;
    } catch (error) {
      // Nothing is left to dispose of, and whoever leaves a block because of that has an error already.
      if (!(error instanceof ThreadDiedError)) throw error;
    }
    await ended;
  }

  has(_shadow: object, key: PropertyKey): boolean {
    return typeof key === 'symbol' ? this.#symbol(key) !== undefined : this.#methods.has(String(key));
  }

  apply(_shadow: object, _self: unknown, args: unknown[]): unknown {
    return this.call(APPLY, '()', [this.id, undefined, ...args]);
  }

  construct(_shadow: object, args: unknown[]): object {
    return this.call(CONSTRUCT, '', [this.id, ...args]);
  }

  set(_shadow: object, key: PropertyKey): boolean {
    throw new InvalidArgumentError(
      `An assignment to ${this.what}.${String(key)} could not be waited for. Write: await asyncFace.set(face, ${JSON.stringify(String(key))}, value).`,
    );
  }

  deleteProperty(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }
}
