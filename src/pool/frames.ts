// Whose frames are looked up, for the stacks of errors: it takes 5 µs, as long as all the rest of a call, so in a flood only
// some callers' are.
import { type CallerStack, callerStack } from '../channel/stacks.js';

/** So many in a ms, and in a burst. */
const EACH_MS = 1;
const BURST = 64;

export class Frames {
  #at = 0;
  #left = BURST;

  /** The frames of whoever calls now (ms), or nothing. */
  of(now: number): CallerStack | undefined {
    const left = Math.min(BURST, this.#left + (now - this.#at) * EACH_MS);
    this.#at = now;
    this.#left = left < 1 ? left : left - 1;
    return left < 1 ? undefined : callerStack();
  }
}
