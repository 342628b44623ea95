// `toSync`: the sync twin of an async function, by whichever path is open where it is called.
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { canRun } from '../run/base.js';
import { run } from '../run/run.js';
import { runInThread } from '../thread/in-thread.js';

/** Makes sync twins. */
export interface Twin {
  <A extends readonly unknown[], R>(fn: (...args: A) => R): (...args: A) => Awaited<R>;
}

export interface ToSync extends Twin {
  /**
   * The same with options for each call: `timeout` (ms) and `signal`.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @since 0.1.0
   */
  with(options: WaitOptions): Twin;
}

function twin(fn: (...args: unknown[]) => unknown, options: WaitOptions | undefined) {
  if (typeof fn !== 'function') {
    throw new InvalidArgumentError(`toSync() takes a function, not ${describe(fn)}.`);
  }
  const inThread = options === undefined ? runInThread : runInThread.with(options);
  // Asked before the function is called, for work that has begun cannot be begun again elsewhere.
  return (...args: unknown[]): unknown =>
    canRun().how === 'loop' ? run(() => fn(...args), options) : inThread(fn, ...args);
}

/**
 * The sync twin of an async function. Each call takes the path that is open where it stands: it re-enters the event
 * loop on this thread where that is possible (see `canRun`), and else sleeps while the service thread does the work
 * (see `runInThread`; there the function has to be an exported one). `explain` says which.
 *
 * @throws What `fn` throws; what `run` and `runInThread` throw; InvalidArgumentError when `fn` is no function.
 * @example
 * export async function render(source) { … }
 * export const renderSync = toSync(render);
 * @since 0.1.0
 */
export const toSync: ToSync = Object.assign(
  ((fn: (...args: unknown[]) => unknown) => twin(fn, undefined)) as unknown as Twin,
  {
    with: (options: WaitOptions) => {
      checkOptions('toSync.with()', options);
      return ((fn: (...args: unknown[]) => unknown) => twin(fn, options)) as unknown as Twin;
    },
  },
);
