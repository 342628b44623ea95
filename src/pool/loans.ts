// The places of a pool that are lent: a worker whose task waits for others of the same pool does not work, and as long as it waits
// there may be one worker more. See decisions/0010.
//
// Guarantees:
// - no more are lent than MOST, however many tasks wait;
// - `areKept` holds from the first loan on until all workers beyond the pool's size are gone.
import { startTimer } from '../timer.js';

/** How many places may be lent at once, each to one worker more. */
const MOST = 64;
/** ms that a worker is kept which has stood in for another: the next call inside a call may come soon. */
const STAND_IN = 100;

/** The pool that lends. */
export interface Lender {
  /** The first place is lent since none was, or one more. */
  lent(isFirst: boolean): void;
  /** Ends workers beyond its size and so many more, as far as they are idle; are there any left? */
  shrink(extra: number): boolean;
  /** No worker is left that stood in for another. */
  over(): void;
}

export class Loans {
  readonly #lender: Lender;
  #count = 0;
  /** The most that there were since that was last asked. */
  #most = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(lender: Lender) {
    this.#lender = lender;
  }

  /** How many tasks wait for others. */
  get count(): number {
    return this.#count;
  }

  /** Workers that may be there besides. */
  get extra(): number {
    return Math.min(this.#count, MOST);
  }

  /** Are there, or may there be, more workers than the size says? */
  get areKept(): boolean {
    return this.#watching !== undefined;
  }

  /** All `size` workers, and all that stand in for them, wait. */
  areSpent(size: number): boolean {
    return this.#count >= size + MOST;
  }

  lend(on: boolean): void {
    this.#count += on ? 1 : -1;
    if (!on) return;
    this.#most = Math.max(this.#most, this.extra);
    const isFirst = !this.areKept;
    this.#watch();
    this.#lender.lent(isFirst);
  }

  /** Ends workers that are too many, when they were not needed for a while. */
  #watch(): void {
    this.#watching ??= startTimer(() => {
      this.#watching = undefined;
      const most = this.#most;
      this.#most = this.extra;
      if (this.#lender.shrink(most) || most > 0) this.#watch();
      else this.#lender.over();
    }, STAND_IN)?.unref();
  }

  end(): void {
    clearTimeout(this.#watching);
  }
}
