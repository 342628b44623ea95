// `explain`: which path a call would take here, and why.
import { type Base, canRun } from '../run/base.js';
import { type Address, addressOf } from '../task/address.js';
import { type ServiceStats, serviceStats } from '../thread/service.js';

/** What {@link explain} answers. */
export interface Explanation {
  /** The path that `toSync` would take right here; `'none'` where both are closed. */
  readonly path: 'loop' | 'thread' | 'none';
  /** Re-entering the event loop on this thread: is it possible here, and why (not)? */
  readonly loop: { readonly possible: boolean; readonly why: string; readonly base: Base };
  /** The service thread: can the function be found from there, why (not), and what its calls have cost so far. */
  readonly thread: {
    readonly possible: boolean;
    readonly why: string;
    readonly address: Address | undefined;
  } & ServiceStats;
}

/**
 * Which path would a call of `fn` take, right here? Never throws, and neither calls the function nor starts a thread.
 *
 * @param fn The function; left out, only what holds for all of them is answered.
 * @example
 * const { path, loop, thread } = explain(render);
 * if (path === 'none') console.error(loop.why, thread.why);
 * @since 0.1.0
 */
export function explain(fn?: (...args: never[]) => unknown): Explanation {
  const { how, why, base } = canRun();
  const possible = how === 'loop';
  let address: Address | undefined;
  let reason = 'any exported function can be found from the service thread';
  let found = true;
  if (fn !== undefined) {
    try {
      address = addressOf(fn);
      reason = `${address.module} exports it as ${address.name}`;
    } catch (error) {
      found = false;
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  return {
    path: possible ? 'loop' : found ? 'thread' : 'none',
    loop: { possible, why, base },
    thread: { possible: found, why: reason, address, ...serviceStats() },
  };
}
