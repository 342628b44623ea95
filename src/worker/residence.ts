// The objects of a pool's worker that faces elsewhere are of, and what those can do with them. Each use is a task like any
// other: a function that is found by the name of an operation.
//
// Guarantees:
// - what has methods or accessors stays here and is sent by reference; what has fields alone is sent by them;
// - a function among the arguments is loaded here before what it was given to begins.
import { entryOf } from '../channel/classes.js';
import { isObject, isThenable, kindOf } from '../channel/faceable.js';
import type { Outgoing, Reference } from '../channel/marks.js';
import { clock } from '../clock.js';
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import { hasOwnMethods, Objects } from './objects.js';
import { checkStep, Faced, faced, operations } from './operations.js';
import type { Exports } from './serve.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Export = Extract<Reference, { kind: 'export' }>;
type Members = Record<PropertyKey, unknown>;

export interface Residence extends Exports {
  /** What a face's call gives is sent with this. */
  readonly facing: Outgoing;
  /** The object of a face. */
  object(id: number): object;
  /** What stands for a function of the arguments. */
  exported(reference: Export): unknown;
}

/** How long (ms) values of an iterator are gathered before those that there are go to the caller. */
const GATHERED = 5;

const acting = new WeakMap<object, boolean>();

/** Has it methods or accessors from its class? */
function acts(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // A module's functions are its own.
  if (prototype === null) return false;
  let found = acting.get(prototype);
  if (found === undefined) {
    found = false;
    for (let at: object | null = prototype; at !== null && at !== Object.prototype && !found; ) {
      found = Reflect.ownKeys(at).some((key) => key !== 'constructor');
      at = Object.getPrototypeOf(at) as object | null;
    }
    acting.set(prototype, found);
  }
  return found;
}

function stays(value: object): boolean {
  if (typeof value === 'function') return true;
  if (entryOf(value, false) !== undefined) return false;
  const kind = kindOf(value);
  if (kind === 'plain') return hasOwnMethods(value);
  if (kind !== 'face') return false;
  // One without fields says nothing but which one it is.
  return acts(value) || hasOwnMethods(value) || Object.keys(value).length === 0;
}

export function residence(exports: Exports): Residence {
  const { load, classOf } = exports;
  const objects = new Objects(true);
  const stubs = new Map<string, AnyFunction>();
  /** Functions of the arguments that are just being read. */
  let loading: Promise<void>[] = [];
  /** What an iterator has thrown after values that were sent first. */
  const late = new WeakMap<object, { readonly error: unknown }>();
  const closed = new WeakSet<object>();

  const exported = ({ address, name, length }: Export): AnyFunction => {
    const key = JSON.stringify(address);
    const known = stubs.get(key);
    if (known !== undefined) return known;
    let fn: AnyFunction | undefined;
    const stub = function (this: unknown, ...args: unknown[]): unknown {
      return (fn as AnyFunction).apply(this, args);
    };
    Object.defineProperties(stub, {
      name: { value: name, configurable: true },
      length: { value: length, configurable: true },
    });
    stubs.set(key, stub);
    const loaded = load(address).then(
      (found) => {
        fn = found as AnyFunction;
      },
      (error: unknown) => {
        stubs.delete(key);
        throw error;
      },
    );
    // Whoever begins with it is told.
    loaded.catch(() => {});
    loading.push(loaded);
    return stub;
  };

  const own = operations(load);
  const table = new Map<string, AnyFunction>();
  for (const [name, operate] of Object.entries(own)) {
    table.set(name, (id, ...args) => operate(objects.get(id as number), ...args));
  }
  const more: Record<string, (...args: never[]) => unknown> = {
    make: async (target: { readonly name: string }, ...args: unknown[]) => {
      const made = (await own['make']?.(target, ...args)) as Faced;
      if (isObject(made.value) && stays(made.value)) return made;
      throw new InvalidArgumentError(
        `asyncFace() makes an object with methods, and ${target.name}() gave ${describe(made.value)}.`,
      );
    },
    /** An exported function is given the object. */
    run: async (target: unknown, id: number, ...args: unknown[]) => {
      const fn = (await load(target)) as AnyFunction;
      return faced(fn(objects.get(id), ...args));
    },
    invoke: (id: number, key: string, ...args: unknown[]) => {
      const object = objects.get(id);
      const given = own['invoke']?.(object, key, ...args);
      if (key === 'close') closed.add(object);
      return given;
    },
    /** [done, values, what it returned], so many values at most; of an async iterator one. */
    pull: (id: number, most: number) => pull(objects.get(id) as Iterator<unknown>, most),
    dispose: (id: number) => {
      const object = objects.get(id);
      const members = object as Members;
      const close = closed.has(object) ? undefined : members['close'];
      const dispose = members[Symbol.asyncDispose] ?? members[Symbol.dispose] ?? close;
      if (typeof dispose !== 'function') return undefined;
      return Promise.resolve(dispose.call(object)).then(() => undefined);
    },
    release: (id: number, times: number) => objects.release(id, times),
  };
  for (const [name, operate] of Object.entries(more)) table.set(name, operate as AnyFunction);

  const pull = (iterator: Iterator<unknown>, most: number): unknown => {
    const before = late.get(iterator);
    if (before !== undefined) {
      late.delete(iterator);
      throw before.error;
    }
    const until = clock() + GATHERED;
    const values: unknown[] = [];
    const fail = (error: unknown): Faced => {
      if (values.length === 0) throw error;
      late.set(iterator, { error });
      return new Faced([false, values]);
    };
    const take = (given: unknown): Faced | PromiseLike<Faced> | undefined => {
      const { done, value } = checkStep(given);
      if (done === true) return new Faced([true, values, value]);
      if (isThenable(value)) {
        return value.then((settled) => {
          values.push(settled);
          return new Faced([false, values]);
        }, fail);
      }
      values.push(value);
      return values.length >= most || clock() >= until ? new Faced([false, values]) : undefined;
    };
    try {
      for (;;) {
        const given: unknown = iterator.next();
        if (isThenable(given)) {
          return Promise.resolve(given)
            .then((result) => take(result) ?? new Faced([false, values]))
            .catch(fail);
        }
        const full = take(given);
        if (full !== undefined) return full;
      }
    } catch (error) {
      return fail(error);
    }
  };

  /** The operation of that name, after what was just read is loaded. */
  const operation = (name: string): AnyFunction => {
    const operate = table.get(name) as AnyFunction;
    return (...args) => {
      if (loading.length === 0) return operate(...args);
      const loaded = Promise.all(loading);
      loading = [];
      return loaded.then(() => operate(...args));
    };
  };

  return {
    ...exports,
    load: async (target) => {
      const { operation: name } = target as { readonly operation?: string };
      return name === undefined ? load(target) : operation(name);
    },
    facing: {
      wants: stays,
      keep: (value) => (stays(value) ? objects.keep(value) : undefined),
      classOf,
    },
    object: (id) => objects.get(id),
    exported,
  };
}
