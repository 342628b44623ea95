// `run.using`: an async disposable for a sync `using` declaration.
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { awaitSync } from './await.js';

export interface Using {
  /**
   * The sync view of an async disposable: `value` is the resource, and disposing of the view waits until the
   * resource's own disposal is done.
   *
   * @param resource The resource, or a promise of it; it has `Symbol.asyncDispose` or `Symbol.dispose`.
   * @param options `signal` and `timeout` (ms), for opening it.
   * @throws What opening and disposing throw, and what `run` throws; InvalidArgumentError when it cannot be disposed.
   * @example
   * using file = run.using(open('notes.txt'));
   * const text = run(file.value.readFile('utf8'));
   * @since 0.1.0
   */
  <T extends AsyncDisposable | Disposable>(
    resource: T | PromiseLike<T>,
    options?: WaitOptions,
  ): Disposable & { readonly value: T };
}

export const using: Using = (resource, options) => {
  if (options !== undefined) {
    checkOptions('run.using()', options);
    options.signal?.throwIfAborted();
  }
  const value = awaitSync(resource, options, 'opening the resource of run.using()') as AsyncDisposable &
    Disposable;
  const dispose: unknown = value?.[Symbol.asyncDispose] ?? value?.[Symbol.dispose];
  if (typeof dispose !== 'function') {
    throw new InvalidArgumentError(
      `run.using() takes a resource with Symbol.asyncDispose, not ${describe(value)}${typeof value === 'function' ? '; call it first' : ''}.`,
    );
  }
  let disposed = false;
  const view = {
    value,
    [Symbol.dispose]: () => {
      if (disposed) return;
      disposed = true;
      awaitSync(dispose.call(value), undefined, 'the disposal of run.using()');
    },
  };
  return view as never;
};
