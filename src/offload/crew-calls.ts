// What may be done with the workers of any pool: one's own, and those that calls share.
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { Pool } from '../pool/pool.js';
import type { PoolStats } from '../pool/stats.js';

export interface CrewCalls {
  /**
   * Starts workers now, all that the pool may have, or so many: the first calls need not wait for them.
   *
   * @throws InvalidArgumentError for what is no such number.
   * @example
   * toThread.warm(1);
   * @since 0.1.0
   */
  warm(count?: number): void;
  /**
   * How the pool is: its workers, what waits and runs, and how long tasks have waited and run.
   *
   * @example
   * console.log(toThread.stats().queued);
   * @since 0.1.0
   */
  stats(): PoolStats;
}

/** `call` is what its user calls it by. */
export function crewCalls(call: string, pool: () => Pool): CrewCalls {
  return {
    warm: (count) => {
      if (count !== undefined && !(Number.isInteger(count) && count >= 0)) {
        throw new InvalidArgumentError(
          `${call}.warm() takes a whole number from 0 on, not ${describe(count)}.`,
        );
      }
      pool().warm(count);
    },
    stats: () => pool().stats(),
  };
}
