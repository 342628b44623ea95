// What a call stands on: the kind of frame below it on the native stack, which decides what is safe there.
import { CannotRunError, TooDeepError } from '../errors.js';
import { type Pump, pump, Room, unavailable } from './pump.js';
import { measureStack } from './stack.js';

/** Where `run` stands. `main` is a script with no loop below it yet; `run` is another call's drain. */
export type Base =
  | 'main'
  | 'run'
  | 'turn'
  | 'timer'
  | 'immediate'
  | 'thread pool'
  | 'port'
  | 'stream'
  | 'connection'
  | 'udp'
  | 'task'
  | 'close'
  | 'loop callback'
  | 'http parser'
  | 'tls'
  | 'http2'
  | 'unknown';

const INSTEAD =
  'Write `await` in async code; in sync code, `runInThread(fn, ...args)` works anywhere: the work is done on another thread.';
const REFUSED: Partial<Record<Base, string>> = {
  'http parser': 'the call stands inside a callback of the HTTP parser, which cannot be entered twice',
  tls: 'the call stands inside a callback of a TLS connection, which cannot be entered twice',
  http2: 'the call stands inside a callback of an HTTP/2 session, which cannot be entered twice',
};
const CLEAN = 'Make the handler async and write `await turn()` before it, or `await` the work instead.';

export function nameBase({ kinds }: Pump, bits: number, depth: number): Base {
  if (bits & kinds.tls) return 'tls';
  if (bits & kinds.http2) return 'http2';
  if (bits & kinds.parser) return 'http parser';
  if (bits & kinds.turn) return 'turn';
  if (bits & kinds.timer) return 'timer';
  if (bits & kinds.immediate) return 'immediate';
  if (bits & kinds.pool) return 'thread pool';
  if (bits & kinds.close) return 'close';
  if (bits & kinds.udp) return 'udp';
  if (bits & kinds.connection) return 'connection';
  if (bits & kinds.stream) return 'stream';
  if (bits & kinds.port) return 'port';
  if (bits & kinds.task) return 'task';
  if (bits & kinds.loop) return 'loop callback';
  return depth > 0 ? 'run' : 'main';
}

export function noPump(): CannotRunError {
  return new CannotRunError(unavailable, INSTEAD);
}

/** The error for a negative `Room`; measures the stack and answers undefined where the call should just try again. */
export function noRoom(of: Pump, room: number): Error | undefined {
  if (room === Room.unmeasured) {
    measureStack(of);
    return undefined;
  }
  if (room === Room.tooDeep) return new TooDeepError(of.depth());
  return new CannotRunError(of.proof() ?? 'V8 could not be proved', INSTEAD);
}

/** The error for a base on which no loop may be nested, or undefined. */
export function refusal(of: Pump, bits: number): CannotRunError | undefined {
  const { kinds } = of;
  if ((bits & (kinds.parser | kinds.tls | kinds.http2)) === 0) return undefined;
  return new CannotRunError(REFUSED[nameBase(of, bits, of.depth())] ?? '', CLEAN);
}

/** What {@link canRun} answers. */
export interface Answer {
  /** `'loop'`: the event loop is re-entered on this thread. `'none'`: `run` would throw for work that must be awaited. */
  readonly how: 'loop' | 'none';
  /** Why so: the obstacle, or what makes it possible. */
  readonly why: string;
  /** The kind of frame that the call stands on. */
  readonly base: Base;
}

/**
 * Would `run` work for pending work, right here? Never throws and changes nothing.
 *
 * @example
 * const { how, why } = canRun();
 * if (how === 'none') console.error(why);
 * @since 0.1.0
 */
export function canRun(): Answer {
  if (pump === undefined) return { how: 'none', why: unavailable, base: 'unknown' };
  const bits = pump.look();
  if (bits < 0) return { how: 'none', why: noRoom(pump, -bits)?.message ?? '', base: 'unknown' };
  const base = nameBase(pump, bits, pump.depth());
  const why = REFUSED[base];
  if (why !== undefined) return { how: 'none', why, base };
  return { how: 'loop', why: 'the event loop can be re-entered here', base };
}
