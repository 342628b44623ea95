// A limiter is not the pool: it says how many tasks of some kind may be with workers at once, whichever pool runs them.
// The idea, and that it is shared between calls and can be looked at, are those of anyio's CapacityLimiter.
import { InvalidArgumentError } from '../errors.js';
import { checkNames, describe } from '../options.js';

/** How a {@link Limiter} is. */
export interface LimiterStats {
  readonly name: string;
  readonly most: number;
  /** Tasks that are let in: those that wait for a worker, run, or are given up and not yet ended. */
  readonly used: number;
  readonly waiting: number;
}

/**
 * Caps how many tasks run at once, for all calls that are given it, in whichever pool. Tasks that it does not let in yet wait,
 * first in, first out; a task that was given up counts until its work has ended, or its worker has.
 *
 * @throws InvalidArgumentError where `most` is no whole number from 1 on.
 * @example
 * const disk = new Limiter(4, { name: 'disk' });
 * await toThread.with({ limiter: disk })(readAll, path);
 * disk.stats(); // { name: 'disk', most: 4, used: 1, waiting: 0 }
 * @since 0.1.0
 */
export class Limiter {
  readonly name: string;
  readonly most: number;
  readonly #waiting = new Set<() => void>();
  #used = 0;

  constructor(most: number, options: { readonly name?: string | undefined } = {}) {
    checkNames('new Limiter()', options, ['name']);
    const { name = '' } = options;
    if (!(most === Number.POSITIVE_INFINITY || (Number.isInteger(most) && most >= 1))) {
      throw new InvalidArgumentError(`A Limiter's most is a whole number from 1 on, not ${describe(most)}.`);
    }
    if (typeof name !== 'string') {
      throw new InvalidArgumentError(`A Limiter's name is a string, not ${describe(name)}.`);
    }
    this.name = name;
    this.most = most;
  }

  stats(): LimiterStats {
    return { name: this.name, most: this.most, used: this.#used, waiting: this.#waiting.size };
  }

  /** Lets a task in, now or later. @internal */
  enter(begin: () => void): void {
    if (this.#used < this.most) {
      this.#used++;
      begin();
    } else this.#waiting.add(begin);
  }

  /** A task that still waits does so no longer. @internal */
  cancel(begin: () => void): void {
    this.#waiting.delete(begin);
  }

  /** A task that was let in is over. @internal */
  leave(): void {
    this.#used--;
    for (const begin of this.#waiting) {
      this.#waiting.delete(begin);
      this.#used++;
      begin();
      return;
    }
  }
}
