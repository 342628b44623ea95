// A function that is called again and again with the same options, as a server's handlers are: what can be done once is done
// once. For the leaves, which are bundles
// of their own: they find it at whatever pool their users give them, and it is no part of the public face.
import type { OffloadOptions } from './offload/options.js';

/** What pools, `toThread` and `toProcess` are asked for it by. */
export const prepare: unique symbol = Symbol.for('isthmus.prepare') as typeof prepare;

/** Who has called. */
export interface Caller {
  /** Is given what gives the call up: an AbortSignal for each would take as long as all the rest of a call. */
  began(giveUp: (reason: unknown) => void): void;
}

/**
 * A call of it. `stores`: what carried stores hold for it, by their names, besides those of this context; to enter one here, where nobody
 * looks, would cost a tenth of a server's trivial route on Node 20, whose stores are async hooks.
 */
export type Prepared = (
  caller: Caller,
  stores: Readonly<Record<string, unknown>>,
  args: readonly unknown[],
  transfer: OffloadOptions['transfer'],
) => Promise<unknown>;

export interface Preparing {
  readonly [prepare]: (fn: unknown, options: OffloadOptions) => Prepared;
}
