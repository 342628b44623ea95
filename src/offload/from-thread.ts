// `fromThread`: a pool's thread needs something that only its host has.
import { NotInThreadError } from '../errors.js';
import { type Address, addressOf, checkAddress } from '../task/address.js';
import { current } from '../worker/current.js';

export interface FromThread {
  /**
   * Inside a function that `toThread` runs: runs an exported function on the host's event loop, async or sync, while this
   * thread sleeps; gives its result, or throws what it throws. The stores that are carried are there. When the caller of the
   * task gives up, this throws the reason of `currentSignal()`.
   *
   * @param fn An exported function of a module, itself, or its address: the host runs its own, with its module's state there.
   * @throws What `fn` throws; NotInThreadError, NoAddressError, LoadError, UncloneableError.
   * @example
   * export function render(page) {
   *   const user = fromThread.run(userOf, page.id); // an async query on the host's connection
   *   return template(page, user);
   * }
   * @since 0.1.0
   */
  run: {
    <A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R>;
    (address: Address, ...args: unknown[]): unknown;
  };
}

function run(fn: unknown, ...args: unknown[]): unknown {
  const call = current.getStore();
  if (call?.host === undefined) throw new NotInThreadError();
  return call.host.ask(call, typeof fn === 'function' ? addressOf(fn as never) : checkAddress(fn), args);
}

/** From inside a pool's thread to its host. See {@link FromThread}. @since 0.1.0 */
export const fromThread: FromThread = { run: run as FromThread['run'] };
