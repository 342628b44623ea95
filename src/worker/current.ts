// The call that is being worked on here. The service thread's own file and the package as a user's module imports it are
// two copies of this one, so what they share is kept under a name that both know.
import { AsyncLocalStorage } from 'node:async_hooks';
import { storeToBring } from '../context/bring-back.js';

/** What a call's worker does for it, where its caller goes on meanwhile. */
export interface Host {
  /** Looks at what is shared with the caller, for this thread's loop may not get to hear of it. */
  isGivenUp(call: number): boolean;
  /** Tells the caller how far it is. */
  report(call: number, value: unknown): void;
  /** Runs a function of the caller's thread there, while this thread sleeps. */
  ask(call: CallInProgress, target: unknown, args: readonly unknown[]): unknown;
}

/** A call that is being worked on. Few functions ask for a signal, and making one takes longer than a call. */
export class CallInProgress {
  readonly id: number;
  readonly host: Host | undefined;
  /** Stores that go back with the answer, by name. */
  back: Record<string, unknown> | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  constructor(id = 0, host?: Host) {
    this.id = id;
    this.host = host;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Has the work asked for its signal, which may still be aborted? */
  get listens(): boolean {
    return this.#controller !== undefined && !this.#aborted;
  }

  /** Has its caller given up? */
  get isAborted(): boolean {
    return this.#aborted || this.host?.isGivenUp(this.id) === true;
  }

  abort(reason?: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
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
 * Inside a function that `runInThread` or `toThread` runs: the signal that is aborted when its caller gives up, by
 * `timeout` or `signal`. Undefined elsewhere.
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

/**
 * Inside a function that `runInThread` or `toThread` runs: throws the signal's reason when its caller has given up, also in
 * the middle of a sync loop, in which no event could tell. Elsewhere, and for a caller that still waits, it does nothing.
 *
 * @throws The reason of {@link currentSignal}.
 * @example
 * for (const row of rows) {
 *   checkCancelled();
 *   total += cost(row);
 * }
 * @since 0.1.0
 */
export function checkCancelled(): void {
  const call = current.getStore();
  if (call?.isAborted) {
    call.abort();
    call.signal.throwIfAborted();
  }
}

/**
 * Inside a function that `toThread` runs: tells its caller how far it is; what it is given goes to the caller's `onProgress`.
 * Outside such a function it does nothing.
 *
 * @param value Anything that can be cloned.
 * @throws UncloneableError.
 * @example
 * for (let i = 0; i < pages.length; i++) {
 *   render(pages[i]);
 *   report({ done: i + 1, of: pages.length });
 * }
 * @since 0.1.0
 */
export function report(value: unknown): void {
  const call = current.getStore();
  call?.host?.report(call.id, value);
}

/**
 * Inside a function that `runInThread`, `toThread` or `toProcess` runs: lets what a carried store holds when the function ends come
 * back to its caller, into the very object that the store holds there: a plain object's properties, or the items of an array, Map or
 * Set. What the store holds is looked up now; what is changed of it until the end counts. Elsewhere it does nothing.
 *
 * @param storage A store that is carried (see {@link carry}).
 * @throws InvalidArgumentError for one that is not, or that holds nothing of that kind.
 * @example
 * export function render(page) {
 *   metrics.getStore().renders++; // a clone of the caller's object
 *   handBack(metrics);
 *   return template(page);
 * }
 * @since 0.1.0
 */
export function handBack(storage: AsyncLocalStorage<unknown>): void {
  const call = current.getStore();
  if (call === undefined) return;
  const [name, value] = storeToBring(storage);
  call.back ??= {};
  call.back[name] = value;
}
