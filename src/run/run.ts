// `run`: the result of async work in sync code, on this thread.

import { checkOptions, type WaitOptions } from '../options.js';
import { awaitSync } from './await.js';
import { type Each, each } from './each.js';
import { type RunStats, stats } from './held.js';
import { type Using, using } from './using.js';

type Work<T> = T | ((signal: AbortSignal) => T);
/** What `run` gives for a T: a function, also one in a union, is called. */
type Settled<T> = T extends (signal: AbortSignal) => infer R ? Awaited<R> : Awaited<T>;

function call(work: (signal: AbortSignal) => unknown, options: WaitOptions | undefined): unknown {
  const what = work.name === '' ? 'the work of run()' : `run(${work.name})`;
  // Work that takes no signal cannot be told, and need not pay for one.
  if (work.length === 0) return awaitSync((work as () => unknown)(), options, what);
  const controller = new AbortController();
  const awaited = work(controller.signal);
  try {
    return awaitSync(awaited, options, what);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

function runWork<T>(work: Work<T>, options?: WaitOptions): Awaited<T> {
  if (options !== undefined) {
    checkOptions('run()', options);
    options.signal?.throwIfAborted();
  }
  const value =
    typeof work === 'function'
      ? call(work as (signal: AbortSignal) => unknown, options)
      : awaitSync(work, options, 'the work of run()');
  return value as Awaited<T>;
}

/** The type of {@link run}. */
export interface Run {
  /**
   * Gives the result of async work to sync code, on this thread: the event loop is re-entered until the work settles.
   * While the call waits, other callbacks run.
   *
   * @param work A promise, a thenable, a plain value, or a function that returns one. A function is given an
   *   AbortSignal, which is aborted when the caller is released before the work is done.
   * @param options `signal` releases the caller by throwing its reason; `timeout` (ms, default none) by a TimeoutError.
   * @returns What `await` would give.
   * @throws What the work rejects with; CannotRunError where the loop cannot be re-entered; NeverSettlesError when
   *   nothing is left that could settle the work; TooDeepError when too many calls are nested; TimeoutError;
   *   InvalidArgumentError.
   * @example
   * const page = run(fetchPage('https://example.org'));
   * const fresh = run((signal) => fetch(url, { signal }), { timeout: 1000 });
   * @since 0.1.0
   */
  <T>(work: (signal: AbortSignal) => T, options?: WaitOptions): Awaited<T>;
  <T>(work: T, options?: WaitOptions): Settled<T>;
  /** Iterates an async source from sync code, lazily. @since 0.1.0 */
  each: Each;
  /** The sync view of an async disposable. @since 0.1.0 */
  using: Using;
  /** How many calls waited on this thread, how deep, and which were held by calls above them. @since 0.1.0 */
  stats(): RunStats;
}

export const run: Run = Object.assign(runWork as Run, { each, using, stats });
