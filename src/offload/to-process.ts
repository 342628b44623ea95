// `toProcess`: a blocking function leaves this process.
import { prepare } from '../prepare.js';
import { callsOn, type Desk, type OffloadCalls, preparingOn } from './calls.js';
import { type CrewCalls, crewCalls } from './crew-calls.js';
import { processes } from './default-pool.js';
import { checkOffload, type OffloadOptions } from './options.js';

export interface ToProcess extends OffloadCalls, CrewCalls {
  /**
   * The same with options: see {@link OffloadOptions}; but for `transfer`, because nothing can be moved to another process.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const text = await toProcess.with({ timeout: 5000, grace: 0 })(parseUntrusted, source);
   * @since 0.1.0
   */
  with(options: Omit<OffloadOptions, 'transfer'>): OffloadCalls;
}

const desk: Desk = { pool: processes, call: 'toProcess' };

/**
 * `toThread` in a process of a pool: for native code that is not safe in threads, for a limit of memory, for what may crash, and
 * for work that must be possible to kill in whatever it is doing. One that dies rejects its own task alone, with a
 * ProcessDiedError. When this process ends, in whatever way, its workers end within a second.
 *
 * @param fn An exported function of a module, itself; or its address, `{ module, name }`.
 * @param args What it is called with: what `toThread` takes, but for what only threads can be sent (SharedArrayBuffers,
 * MessagePorts, keys, WebAssembly modules). All of it is copied.
 * @throws What `toThread` throws, and ProcessDiedError in place of ThreadDiedError: all of them as rejections.
 * @example
 * import { parseUntrusted } from './parser.js';
 * const tree = await toProcess(parseUntrusted, source);
 * @since 0.1.0
 */
export const toProcess: ToProcess = Object.assign(callsOn(desk, undefined), {
  ...crewCalls('toProcess', processes),
  with: (options: OffloadOptions) => callsOn(desk, checkOffload('toProcess.with()', options, 'process')),
  [prepare]: preparingOn(desk),
});
