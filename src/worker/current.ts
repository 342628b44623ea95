// The call that is being worked on here. The service thread's own file and the package as a user's module imports it are
// two copies of this one, so what they share is kept under a name that both know.
import { AsyncLocalStorage } from 'node:async_hooks';

const key = Symbol.for('isthmus.current');
const shared = globalThis as { [key]?: AsyncLocalStorage<AbortSignal> };
shared[key] ??= new AsyncLocalStorage<AbortSignal>();

/** The signal of the call that this code works for. */
export const current: AsyncLocalStorage<AbortSignal> = shared[key];

/**
 * Inside a function that `runInThread` runs: the signal that is aborted when its caller gives up, by `timeout` or
 * `signal`. Undefined elsewhere.
 *
 * @example
 * export async function download(url) {
 *   return (await fetch(url, { signal: currentSignal() })).text();
 * }
 * @since 0.1.0
 */
export function currentSignal(): AbortSignal | undefined {
  return current.getStore();
}
