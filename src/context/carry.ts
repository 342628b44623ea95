// AsyncLocalStorage stores that go with a call, by name: a store is one object here and another one there, and a module
// that carries it does so on either side, when it is loaded there.
import type { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';

/** The stores' values by name. */
export type Context = Readonly<Record<string, unknown>>;

// The service thread's own file and the package as a module imports it there are two copies of this file.
const key = Symbol.for('isthmus.context');
const shared = globalThis as { [key]?: Map<string, AsyncLocalStorage<unknown>> };
shared[key] ??= new Map();
const stores = shared[key];

/**
 * Lets what a store holds go along with every call to another thread: inside the function, `storage.getStore()` gives a
 * clone of it. Call it where the store is declared: the module is loaded on both sides, and so the store is known there.
 *
 * @param name What the store is called across threads.
 * @param storage The store.
 * @returns The store.
 * @throws InvalidArgumentError when another store has the name. A value that cannot be cloned ends the call with an
 * UncloneableError whose path begins with `context`.
 * @example
 * export const requestId = carry('requestId', new AsyncLocalStorage());
 * @since 0.1.0
 */
export function carry<T>(name: string, storage: AsyncLocalStorage<T>): AsyncLocalStorage<T> {
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError(
      `carry() takes a name first, such as carry('requestId', storage), not ${describe(name)}.`,
    );
  }
  if (typeof storage?.getStore !== 'function' || typeof storage.run !== 'function') {
    throw new InvalidArgumentError(`carry()'s storage is an AsyncLocalStorage, not ${describe(storage)}.`);
  }
  const known = stores.get(name);
  const store = storage as AsyncLocalStorage<unknown>;
  if (known !== undefined && known !== store) {
    throw new InvalidArgumentError(
      `Another store is carried as ${JSON.stringify(name)}: give this one a name of its own.`,
    );
  }
  stores.set(name, store);
  return storage;
}

/** What a store is called across threads; undefined for one that is not carried. */
export function nameOfStore(storage: unknown): string | undefined {
  for (const [name, each] of stores) if (each === storage) return name;
  return undefined;
}

/** What the stores hold here, and `besides`; undefined where they hold nothing. */
export function collect(besides?: Context): Context | undefined {
  if (stores.size === 0) return besides;
  let context: Record<string, unknown> | undefined;
  for (const [name, storage] of stores) {
    const value = storage.getStore();
    if (value === undefined || (besides !== undefined && name in besides)) continue;
    context ??= { ...besides };
    context[name] = value;
  }
  return context ?? besides;
}

/** Runs `work` with what was collected. A store that is not carried here has no reader here either. */
export function within<T>(context: Context, work: () => T): T {
  let all = work;
  for (const [name, value] of Object.entries(context)) {
    const storage = stores.get(name);
    if (storage === undefined) continue;
    const inner = all;
    all = () => storage.run(value, inner);
  }
  return all();
}
