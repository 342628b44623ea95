// `run.each`: an async source as a sync iterator, one step at a time.
import type { AsyncSource } from '../async-source.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { awaitSync } from './await.js';

export interface Each {
  /**
   * Iterates an async source from sync code: each step waits for one value, and nothing is read ahead. Leaving the
   * loop early calls the source's `return()` and waits for it.
   *
   * @param source Anything that `for await` takes.
   * @param options `signal` and `timeout` (ms) for each single step.
   * @throws What the source throws, and what `run` throws.
   * @example
   * for (const chunk of run.each(createReadStream('big.log'))) count += chunk.length;
   * @since 0.1.0
   */
  <T>(source: AsyncSource<T>, options?: WaitOptions): IterableIterator<T> & Disposable;
}

type Step = IteratorResult<unknown>;
type Method = ((value?: unknown) => unknown) | undefined;

export const each = ((source: AsyncSource<unknown>, options?: WaitOptions) => {
  if (options !== undefined) checkOptions('run.each()', options);
  const { iterator, isAsync } = open(source);
  if (typeof iterator?.next !== 'function') {
    throw new InvalidArgumentError(
      `run.each()'s source gave ${describe(iterator)} for an iterator: it has no next().`,
    );
  }
  const step = (method: Method, value: unknown, passed: boolean): Step => {
    options?.signal?.throwIfAborted();
    const awaited = passed ? method?.call(iterator, value) : method?.call(iterator);
    const result = (isAsync ? awaitSync(awaited, options, 'a step of run.each()') : awaited) as Step;
    if (typeof result !== 'object' || result === null) {
      throw new InvalidArgumentError(
        `run.each()'s source gave ${describe(result)} where an iterator gives { done, value }.`,
      );
    }
    // A sync iterable of promises is awaited value by value, as `for await` does.
    if (isAsync || result.done) return result;
    return { done: false, value: awaitSync(result.value, options, 'a step of run.each()') };
  };
  const view = {
    next: (...args: [unknown?]): Step => step(iterator.next as Method, args[0], args.length > 0),
    return: (...args: [unknown?]): Step => {
      const method = iterator.return as Method;
      return method === undefined ? { done: true, value: args[0] } : step(method, args[0], args.length > 0);
    },
    throw: (error?: unknown): Step => {
      const method = iterator.throw as Method;
      if (method !== undefined) return step(method, error, true);
      view.return();
      throw error;
    },
    [Symbol.iterator]: () => view,
    [Symbol.dispose]: () => {
      view.return();
    },
  };
  return view;
}) as Each;

function open(source: AsyncSource<unknown>): {
  iterator: AsyncIterator<unknown> | Iterator<unknown>;
  isAsync: boolean;
} {
  const from = source as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  const openAsync = from?.[Symbol.asyncIterator];
  if (typeof openAsync === 'function') return { iterator: openAsync.call(from as never), isAsync: true };
  const openSync = from?.[Symbol.iterator];
  if (typeof openSync === 'function') return { iterator: openSync.call(from as never), isAsync: false };
  const hint =
    typeof source === 'function' ? '; call it first' : source instanceof Promise ? '; run() it first' : '';
  throw new InvalidArgumentError(
    `run.each() takes an async iterable or an iterable, not ${describe(source)}${hint}.`,
  );
}
