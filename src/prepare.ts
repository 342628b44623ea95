// A function that is called again and again with the same options, as a server's handlers are: what can be done once is done
// once. For the leaves, which are bundles
// of their own: they find it at whatever pool their users give them, and it is no part of the public face.
import type { CallerStack } from './channel/stacks.js';
import type { OffloadOptions } from './offload/options.js';
import type { Caller } from './pool/task.js';

export type { CallerStack } from './channel/stacks.js';
export type { Caller, Taker, Task } from './pool/task.js';

/** What pools, `toThread` and `toProcess` are asked for it by. */
export const prepare: unique symbol = Symbol.for('isthmus.prepare') as typeof prepare;

/**
 * A call of it. The caller is told what can be given up, for an AbortSignal for each call would take as long as all the rest of it. And it
 * says what carried stores hold: to enter one here, where nobody looks, would cost a tenth of a server's trivial route on Node 20, whose
 * stores are async hooks.
 */
export type Prepared = (caller: Caller, args: readonly unknown[]) => Promise<unknown>;

export interface Preparing {
  /** `frames`: what errors' stacks go on with. Those of each caller would be the framework's own. */
  readonly [prepare]: (fn: unknown, options: OffloadOptions, frames: CallerStack) => Prepared;
}
