// The call that is being worked on here. The service thread's own file and the package as a user's module imports it are
// two copies of this one, so what they share is kept under a name that both know.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A call that is being worked on. Few functions ask for a signal, and making one takes longer than a call. */
export class CallInProgress {
  #controller: AbortController | undefined;
  #aborted = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Has the work asked for its signal, which may still be aborted? */
  get listens(): boolean {
    return this.#controller !== undefined && !this.#aborted;
  }

  /** Has its caller given up? */
  get isAborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}

const key = Symbol.for('isthmus.current');
const shared = globalThis as { [key]?: AsyncLocalStorage<CallInProgress> };
shared[key] ??= new AsyncLocalStorage<CallInProgress>();

/** The call that this code works for. */
export const current: AsyncLocalStorage<CallInProgress> = shared[key];

const depthKey = Symbol.for('isthmus.depth');

/** How many callers sleep, one for the other, for what this thread does; 0 in a thread that is no service thread. */
export function workerDepth(): number {
  return (globalThis as { [depthKey]?: number })[depthKey] ?? 0;
}
export function setWorkerDepth(depth: number): void {
  (globalThis as { [depthKey]?: number })[depthKey] = depth;
}

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
  return current.getStore()?.signal;
}
