// What stands here for an object of a thread of its own: each use of it is a call there, and gives a promise.
//
// Guarantees:
// - methods are known from the object; every other member is read when it is asked for, and is a promise as well;
// - it is no thenable, so a promise of it gives it; showing it to a person asks the other thread nothing, and neither does
//   writing it as text or as JSON;
// - disposing of the first object ends its thread, of another one lets it go;
// - what a view of it gives has that view's options.
import { inspect } from 'node:util';
import { Fixed } from '../channel/fixed.js';
import type { Shape } from '../channel/marks.js';
import { InvalidArgumentError, NoAddressError, ThreadDiedError } from '../errors.js';
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

type Method = (...args: unknown[]) => unknown;

/** Asked by whoever wants to know whether to wait for it, or how to write it: nobody could wait for the answer. */
const HIDDEN = new Set(['then', 'toJSON']);
/** What each method of a face is called. */
const methods = new WeakMap<object, string>();

/** A face's method lives here, and cannot be found from another thread. */
export function refuseMethod(fn: object): void {
  const name = methods.get(fn);
  if (name === undefined) return;
  throw new NoAddressError(
    `it is a method of a face, ${name}`,
    'Export a plain function that calls it, and give it the face: there it is the object itself.',
  );
}

export class AsyncHandle extends Fixed implements ProxyHandler<object> {
  readonly id: number;
  readonly what: string;
  readonly proxy: object;
  /** The face that holds the object; this one is another view of it, or the same. */
  readonly first: object;
  readonly #thread: Caller;
  readonly #shape: Shape;
  readonly #ownsThread: boolean;
  readonly #options: CallOptions;
  /** Those of what it gives: what was moved once is not moved again. */
  readonly #given: CallOptions;
  readonly #methods: ReadonlySet<string>;
  readonly #made = new Map<PropertyKey, Method>();
  readonly #views = new WeakMap<CallOptions, object>();

  constructor(
    thread: Caller,
    id: number,
    what: string,
    shape: Shape,
    ownsThread: boolean,
    options: CallOptions,
    first?: object,
  ) {
    super();
    this.id = id;
    this.what = what;
    this.#thread = thread;
    this.#shape = shape;
    this.#ownsThread = ownsThread;
    this.#options = options;
    const { transfer, ...given } = options;
    this.#given = transfer === undefined ? options : given;
    this.#methods = new Set(shape.methods.filter((name) => !HIDDEN.has(name)));
    // A bound class can be called and constructed and, unlike any other, has no prototype that cannot be taken away.
    const callable = shape.of === 'function' || shape.of === 'class';
    const shadow: object = callable ? (Object.bind(undefined) as object) : {};
    // util.inspect looks through a Proxy, at what it stands on.
    Object.defineProperty(shadow, inspect.custom, { value: () => this.#text, configurable: true });
    this.proxy = new Proxy(shadow, this);
    this.first = first ?? this.proxy;
  }

  get #text(): string {
    return `[${this.what} on a thread of its own]`;
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

  /** What those see of it whose calls have these options: one view for all of them. */
  seenWith(options: CallOptions): object {
    let view = this.#views.get(options);
    if (view === undefined) {
      view = this.#thread.view(this, options);
      this.#views.set(options, view);
    }
    return view;
  }

  /** One operation on the object, whose number is among the arguments. */
  call(
    operation: Operation,
    member: string,
    args: readonly unknown[],
    options: CallOptions = this.#options,
  ): Promise<unknown> {
    const thread = this.#thread;
    const called = thread.call(operation, this.what + member, args, options, this.first);
    return Answer.of(
      called.then((given) => thread.seen(given, this.#given)),
      (step) => thread.hold(step),
    );
  }

  #method(key: PropertyKey, make: () => Method): Method {
    let method = this.#made.get(key);
    if (method === undefined) {
      method = make();
      if (typeof key === 'string') Object.defineProperty(method, 'name', { value: key, configurable: true });
      methods.set(method, `${this.what}.${String(key)}`);
      this.#made.set(key, method);
    }
    return method;
  }

  get(_shadow: object, key: PropertyKey): unknown {
    if (typeof key === 'symbol') return this.#symbol(key);
    const name = String(key);
    if (HIDDEN.has(name)) return undefined;
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
    if (key === Symbol.toPrimitive) return this.#method(key, () => () => this.#text);
    if (key === Symbol.asyncDispose) return this.#method(key, () => () => this.#dispose());
    return undefined;
  }

  async #dispose(): Promise<void> {
    const thread = this.#thread;
    const what = '[Symbol.asyncDispose]()';
    // Whoever has given up its calls wants it to end all the same.
    const { signal: _, transfer: __, ...options } = this.#options;
    let failed: { readonly error: unknown } | undefined;
    const dispose = async (limits: CallOptions): Promise<void> => {
      try {
        await this.call(DISPOSE, what, [this.id], limits);
      } catch (error) {
        // Nothing is left to dispose of, and whoever leaves a block because of that has an error already.
        if (!(error instanceof ThreadDiedError)) failed = { error };
      }
    };
    if (this.#ownsThread) await thread.end(this.what + what, options, () => dispose({}));
    else if (!thread.isOver && !thread.wasReleased(this.first)) {
      const disposed = dispose(options);
      thread.release(this.first);
      await disposed;
    }
    if (failed !== undefined) throw (failed as { readonly error: unknown }).error;
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
}
