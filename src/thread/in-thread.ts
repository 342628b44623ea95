// `runInThread`: the caller sleeps while a kept service thread runs an exported function.

import type { AsyncSource } from '../async-source.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe } from '../options.js';
import { type Address, addressOf, checkAddress } from '../task/address.js';
import { sourceOf } from '../task/source.js';
import type { ThreadOptions } from './job.js';
import { callService, newScope, operationJob } from './service.js';

/** A call on the service thread. */
export interface InThread {
  <A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R>;
  (address: Address, ...args: unknown[]): unknown;
}

export interface ThreadCalls extends InThread {
  /**
   * Iterates what an exported function gives, an async iterable or an iterable, from here: each step is a call, for which
   * this thread sleeps; nothing is read ahead. Leaving the loop early calls the source's `return()` and waits for it.
   * `timeout` and `signal` are for each single step.
   *
   * @throws What the function and its source throw, and what `runInThread` throws.
   * @example
   * for (const line of runInThread.each(linesOf, 'big.log')) count(line);
   * @since 0.1.0
   */
  readonly each: {
    <A extends readonly unknown[], T>(
      fn: (...args: A) => AsyncSource<T> | PromiseLike<AsyncSource<T>>,
      ...args: A
    ): IterableIterator<T> & Disposable;
    (address: Address, ...args: unknown[]): IterableIterator<unknown> & Disposable;
  };
}

export interface RunInThread extends ThreadCalls {
  /**
   * The same with options: `timeout` (ms), `signal`, `transfer`, `bySource`.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const page = runInThread.with({ timeout: 1000 })(fetchPage, url);
   * @since 0.1.0
   */
  with(options: ThreadOptions): ThreadCalls;
}

function nameOf(fn: unknown, call: string): string {
  const name = typeof fn === 'function' ? fn.name : (fn as Address).name;
  return `${call}(${name === '' ? 'fn' : name})`;
}

const written = new Map<string, Address>();

/** The same object for the same address, however often it is written down. */
function known(address: Address): Address {
  const text = `${address.module} ${address.name}`;
  const same = written.get(text) ?? address;
  written.set(text, same);
  return same;
}

const find = addressOf as (key: object) => Address;
const itself = (key: object): unknown => key;

const sources = new WeakMap<object, { readonly source: string }>();

/** The same object for the same function. */
function sourced(fn: unknown): { readonly source: string } {
  if (typeof fn !== 'function') {
    throw new InvalidArgumentError(
      `runInThread.with({ bySource: true })() takes a function, not ${describe(fn)}.`,
    );
  }
  const known = sources.get(fn) ?? { source: sourceOf(fn as never) };
  sources.set(fn, known);
  return known;
}

function checkTarget(fn: unknown, call: string): void {
  if (typeof fn === 'function' || (typeof fn === 'object' && fn !== null)) return;
  throw new InvalidArgumentError(
    `${call}() takes an exported function, or its address like { module, name }, not ${describe(fn)}.`,
  );
}

function call(fn: unknown, args: readonly unknown[], options: ThreadOptions | undefined): unknown {
  options?.signal?.throwIfAborted();
  checkTarget(fn, 'runInThread');
  const isFound = typeof fn === 'function' && options?.bySource !== true;
  return callService(
    {
      key: isFound ? fn : options?.bySource ? sourced(fn) : known(checkAddress(fn)),
      target: isFound ? find : itself,
      what: nameOf(fn, 'runInThread'),
      timeout: options?.timeout,
      signal: options?.signal,
      transfer: options?.transfer,
    },
    args,
  );
}

function each(fn: unknown, args: readonly unknown[], options: ThreadOptions | undefined): unknown {
  options?.signal?.throwIfAborted();
  checkTarget(fn, 'runInThread.each');
  const address = options?.bySource
    ? sourced(fn)
    : typeof fn === 'function'
      ? addressOf(fn as never)
      : checkAddress(fn);
  const job = operationJob('open', nameOf(fn, 'runInThread.each'), options, { scope: newScope() });
  return callService(job, [address, ...args]);
}

function bind(options: ThreadOptions): ThreadCalls {
  const { transfer, bySource, ...rest } = checkObject(options);
  checkOptions('runInThread.with()', rest, ['transfer', 'bySource']);
  if (bySource !== undefined && typeof bySource !== 'boolean') {
    throw new InvalidArgumentError(
      `runInThread.with()'s bySource is true or false, not ${describe(bySource)}.`,
    );
  }
  if (transfer !== undefined && !Array.isArray(transfer)) {
    throw new InvalidArgumentError(`runInThread.with()'s transfer is an array, not ${describe(transfer)}.`);
  }
  return calls(options);
}

function calls(options: ThreadOptions | undefined): ThreadCalls {
  const inThread = (fn: unknown, ...args: unknown[]) => call(fn, args, options);
  return Object.assign(inThread as InThread, {
    each: ((fn: unknown, ...args: unknown[]) => each(fn, args, options)) as ThreadCalls['each'],
  });
}

function checkObject(options: ThreadOptions): ThreadOptions {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options;
  throw new InvalidArgumentError(
    `runInThread.with() takes an object like { timeout: 1000 }, not ${describe(options)}.`,
  );
}

/**
 * Runs an exported function on a kept service thread while this thread sleeps; gives its result, or throws what it
 * throws. Works wherever a thread may sleep: also in Bun and Deno, and where `run` would let foreign callbacks in.
 * Functions among the arguments are called back on the sleeping caller.
 *
 * @param fn An exported function of a module, itself; or its address, `{ module, name }`.
 * @param args What it is called with: whatever structured clone takes, and functions, errors and Buffers.
 * @throws What `fn` throws; NoAddressError, LoadError, UncloneableError, TimeoutError, ThreadDiedError, DeadlockError.
 * @example
 * import { fetchPage } from './pages.js';
 * const page = runInThread(fetchPage, 'https://example.org');
 * @since 0.1.0
 */
export const runInThread: RunInThread = Object.assign(calls(undefined), { with: bind });
