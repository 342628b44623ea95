// `toThread`: a blocking function leaves the event loop; a pool's thread runs it.
import { prepare } from '../prepare.js';
import { callsOn, type Desk, type OffloadCalls, preparingOn } from './calls.js';
import { type CrewCalls, crewCalls } from './crew-calls.js';
import { threads } from './default-pool.js';
import { checkOffload, type OffloadOptions } from './options.js';

export interface ToThread extends OffloadCalls, CrewCalls {
  /**
   * The same with options: see {@link OffloadOptions}.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const page = await toThread.with({ timeout: 1000, signal })(render, source);
   * @since 0.1.0
   */
  with(options: OffloadOptions): OffloadCalls;
}

const desk: Desk = { pool: threads, call: 'toThread' };

/**
 * Runs an exported function on a thread of a pool, while the event loop goes on; a promise of what it gives. First in,
 * first out. A rejected promise has what the function threw, with the caller's frames on its stack.
 *
 * @param fn An exported function of a module, itself; or its address, `{ module, name }`.
 * @param args What it is called with: whatever structured clone takes, and errors, Buffers, functions (async from there),
 * AbortSignals, async iterables.
 * @throws What `fn` throws; NoAddressError, LoadError, UncloneableError, TimeoutError, ThreadDiedError, NeverSettlesError,
 * PoolClosedError, QueueFullError, InvalidArgumentError: all of them as rejections.
 * @example
 * import { hashPassword } from './passwords.js';
 * const hash = await toThread(hashPassword, 'secret');
 * @since 0.1.0
 */
export const toThread: ToThread = Object.assign(callsOn(desk, undefined), {
  ...crewCalls('toThread', threads),
  with: (options: OffloadOptions) => callsOn(desk, checkOffload('toThread.with()', options)),
  [prepare]: preparingOn(desk),
});
