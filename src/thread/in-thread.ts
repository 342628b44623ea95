// `runInThread`: the caller sleeps while a kept service thread runs an exported function.

import type { AsyncSource } from '../async-source.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe } from '../options.js';
import type { Address } from '../task/address.js';
import { checkTarget, keyOf, sourceKeyOf, targetOf } from '../task/target.js';
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

/** What stands for the function, whichever way it is sent. */
function keyFor(call: string, fn: unknown, options: ThreadOptions | undefined): object {
  if (options?.bySource !== true) return keyOf(call, fn);
  checkTarget(call, fn);
  if (typeof fn === 'function') return sourceKeyOf(fn as never);
  throw new InvalidArgumentError(
    `runInThread.with({ bySource: true })() takes a function, not ${describe(fn)}.`,
  );
}

function call(fn: unknown, args: readonly unknown[], options: ThreadOptions | undefined): unknown {
  options?.signal?.throwIfAborted();
  return callService(
    {
      key: keyFor('runInThread', fn, options),
      target: targetOf,
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
  const address = targetOf(keyFor('runInThread.each', fn, options));
  const job = operationJob('open', nameOf(fn, 'runInThread.each'), options, { scope: newScope() });
  return callService(job, [address, ...args]);
}

function bind(options: ThreadOptions): ThreadCalls {
  const { transfer, bySource } = checkObject(options);
  checkOptions('runInThread.with()', options, ['transfer', 'bySource']);
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
