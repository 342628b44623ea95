// The calls that give a function to a pool, by whatever name: `toThread`, `toProcess`, a pool's own.
import type { AsyncSource } from '../async-source.js';
import { LIMITED, Mode } from '../channel/errands.js';
import { IsthmusError } from '../errors.js';
import type { Pool } from '../pool/pool.js';
import type { Caller, TaskOptions } from '../pool/task.js';
import type { Prepared, Preparing, prepare } from '../prepare.js';
import type { Address } from '../task/address.js';
import { keyOf, sourceKeyOf, throughKeyOf } from '../task/target.js';
import { Feed } from './feed.js';
import { type MapOptions, mapOver } from './map.js';
import type { OffloadOptions } from './options.js';
import { isTraced, traced } from './trace.js';

/** A call on a pool's worker. */
export interface Offload {
  <A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  (address: Address, ...args: unknown[]): Promise<unknown>;
}

export interface OffloadCalls extends Offload {
  /**
   * Iterates what an exported function gives, an iterable or an async one: its values come from the thread, a few ahead.
   * Leaving the loop early, and `throw()`, call the source's `return()` and wait for it; `next(value)` drops the value.
   *
   * @example
   * for await (const line of toThread.each(linesOf, 'big.log')) count(line);
   * @since 0.1.0
   */
  readonly each: {
    <A extends readonly unknown[], T>(
      fn: (...args: A) => AsyncSource<T> | PromiseLike<AsyncSource<T>>,
      ...args: A
    ): AsyncIterableIterator<T>;
    (address: Address, ...args: unknown[]): AsyncIterableIterator<unknown>;
  };
  /**
   * Runs an exported function for each input, so many at once, and iterates the results as they come, or in order. Inputs
   * may come from an async iterable, which is read no faster than results are taken. The first error ends it: what runs is
   * given up, and what waits does not begin.
   *
   * @example
   * for await (const thumb of toThread.map(resize, paths, { concurrency: 4 })) save(thumb);
   * @since 0.1.0
   */
  readonly map: {
    <T, R>(
      fn: (input: T) => R,
      inputs: Iterable<T> | AsyncIterable<T>,
      options?: MapOptions,
    ): AsyncIterableIterator<Awaited<R>>;
    (
      address: Address,
      inputs: Iterable<unknown> | AsyncIterable<unknown>,
      options?: MapOptions,
    ): AsyncIterableIterator<unknown>;
  };
  /**
   * The same function, bound: an async twin for reuse.
   *
   * @example
   * export const hash = toThread.fn(hashSync);
   * @since 0.1.0
   */
  fn<A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
}

type AnyFunction = (...args: never[]) => unknown;

/** The number of the function in the pool. */
function define(pool: Pool, name: string, fn: unknown, options: OffloadOptions | undefined): number {
  const isSent = options?.bySource === true && typeof fn === 'function';
  const key = isSent ? sourceKeyOf(fn as AnyFunction) : keyOf(name, fn);
  const through = options?.through;
  return pool.define(through === undefined ? key : throughKeyOf(keyOf(name, through), key));
}

function nameOf(call: string, fn: unknown, options: OffloadOptions | undefined): string {
  const name = options?.name ?? (fn as { name?: unknown } | null)?.name;
  return `${call}(${typeof name === 'string' && name !== '' ? name : 'fn'})`;
}

/** Where calls go to, and what they are called in messages. */
export interface Desk {
  readonly pool: () => Pool;
  readonly call: string;
}

function call(
  { pool: poolOf, call: name }: Desk,
  fn: unknown,
  args: readonly unknown[],
  options: OffloadOptions | undefined,
  caller: AnyFunction,
): Promise<unknown> {
  try {
    const pool = poolOf();
    return start(pool, define(pool, name, fn, options), nameOf(name, fn, options), args, options);
  } catch (error) {
    return rejected(error, caller);
  }
}

/** The same with what can be done once done once; the options were checked. */
export function preparingOn({ pool: poolOf, call: name }: Desk): Preparing[typeof prepare] {
  return (fn, given, frames) => {
    const options = { ...given, frames };
    const what = nameOf(name, fn, options);
    let number: number | undefined;
    const prepared: Prepared = (caller, args) => {
      try {
        const pool = poolOf();
        number ??= define(pool, name, fn, options);
        return start(pool, number, what, args, options, LIMITED, caller);
      } catch (error) {
        return rejected(error, prepared);
      }
    };
    return prepared;
  };
}

function start(
  pool: Pool,
  number: number,
  what: string,
  args: readonly unknown[],
  options: TaskOptions | undefined,
  limited = 0,
  caller?: Caller,
): Promise<unknown> {
  const mode = Mode.call | limited;
  if (!isTraced()) return pool.run(number, what, args, options, mode, undefined, caller);
  return traced(what, (trace) =>
    pool.run(number, what, args, { ...options, trace }, mode, undefined, caller),
  );
}

function rejected(error: unknown, caller: AnyFunction): Promise<never> {
  // From here on the stack would be of this house alone.
  if (error instanceof IsthmusError) Error.captureStackTrace(error, caller);
  return Promise.reject(error);
}

/** The calls with these options, which were checked; the pool is made when the first of them needs it. */
export function callsOn(desk: Desk, options: OffloadOptions | undefined): OffloadCalls {
  const offload = (fn: unknown, ...args: unknown[]): unknown => call(desk, fn, args, options, offload);
  return Object.assign(offload as unknown as Offload, {
    each: ((fn: unknown, ...args: unknown[]) => {
      const pool = desk.pool();
      const begin = (): number => define(pool, desk.call, fn, options);
      return new Feed(pool, begin, nameOf(`${desk.call}.each`, fn, options), args, options);
    }) as OffloadCalls['each'],
    map: ((fn: unknown, inputs: Iterable<unknown> | AsyncIterable<unknown>, how?: MapOptions) =>
      mapOver(
        `${desk.call}.map()`,
        (input, more) => call(desk, fn, [input], { ...options, ...more }, mapOver),
        inputs,
        how,
        options?.signal,
      )) as OffloadCalls['map'],
    fn: (fn: unknown) => {
      // An address is looked at now; a function when it is called, for its module may not have been loaded to its end.
      keyOf(desk.call, fn);
      const bound = (...args: unknown[]): unknown => call(desk, fn, args, options, bound);
      return bound;
    },
  }) as OffloadCalls;
}
