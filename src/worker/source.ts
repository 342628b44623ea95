// An async iterable that stands for one of another thread's.
export type Method = 'next' | 'return' | 'throw';

/** Each step of an iteration is what `step` gives. */
export function iterableBy(
  step: (method: Method, args: unknown[]) => Promise<IteratorResult<unknown>>,
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      return {
        next: (...args: unknown[]) => step('next', args),
        return: (...args: unknown[]) => step('return', args),
        throw: (...args: unknown[]) => step('throw', args),
        [Symbol.asyncIterator]() {
          return this;
        },
      } as AsyncIterator<unknown>;
    },
  };
}
