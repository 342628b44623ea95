// `runInThread`: the caller sleeps while a kept service thread runs an exported function.
import type { TransferListItem } from 'node:worker_threads';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { type Address, addressOf, checkAddress } from '../task/address.js';
import { callService } from './service.js';

/** How a call on the service thread is made. */
export interface ThreadOptions extends WaitOptions {
  /** What is moved instead of copied: ArrayBuffers, MessagePorts. The caller's are unusable afterwards. */
  readonly transfer?: readonly TransferListItem[] | undefined;
}

/** A call on the service thread. */
export interface InThread {
  <A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R>;
  (address: Address, ...args: unknown[]): unknown;
}

export interface RunInThread extends InThread {
  /**
   * The same with options: `timeout` (ms), `signal`, `transfer`.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const page = runInThread.with({ timeout: 1000 })(fetchPage, url);
   * @since 0.1.0
   */
  with(options: ThreadOptions): InThread;
}

function nameOf(fn: unknown): string {
  const name = typeof fn === 'function' ? fn.name : (fn as Address).name;
  return `runInThread(${name === '' ? 'fn' : name})`;
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
const itself = (key: object): Address => key as Address;

function call(fn: unknown, args: readonly unknown[], options: ThreadOptions | undefined): unknown {
  options?.signal?.throwIfAborted();
  const isFunction = typeof fn === 'function';
  if (!isFunction && (typeof fn !== 'object' || fn === null)) {
    throw new InvalidArgumentError(
      `runInThread() takes an exported function, or its address like { module, name }, not ${describe(fn)}.`,
    );
  }
  return callService(
    {
      key: isFunction ? fn : known(checkAddress(fn)),
      target: isFunction ? find : itself,
      what: nameOf(fn),
      timeout: options?.timeout,
      signal: options?.signal,
      transfer: options?.transfer,
    },
    args,
  );
}

function bind(options: ThreadOptions): InThread {
  const { transfer, ...rest } = checkObject(options);
  checkOptions('runInThread.with()', rest);
  if (transfer !== undefined && !Array.isArray(transfer)) {
    throw new InvalidArgumentError(`runInThread.with()'s transfer is an array, not ${describe(transfer)}.`);
  }
  return ((fn: unknown, ...args: unknown[]) => call(fn, args, options)) as InThread;
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
export const runInThread: RunInThread = Object.assign(
  ((fn: unknown, ...args: unknown[]) => call(fn, args, undefined)) as InThread,
  { with: bind },
);
