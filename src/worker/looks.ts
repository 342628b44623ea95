// Does it pay to look for the next task before sleeping? Where it comes at once, that spares a sleep and a wake-up; where
// it does not, or where the pool's thread waits for this very processor, it costs time and gives nothing.

/** A look that has found something is worth so many that have not. */
const WORTH = 2;
const MOST = 8;
/** After so many sleeps it is tried again. */
const AGAIN = 64;

export class Looks {
  #credit = MOST;
  #sleeps = 0;

  /** Looks, if that has paid lately; whether it has found something. */
  pay(look: () => boolean): boolean {
    if (this.#credit <= 0) {
      if (++this.#sleeps < AGAIN) return false;
      this.#sleeps = 0;
      this.#credit = 1;
    }
    const found = look();
    this.#credit = found ? Math.min(MOST, this.#credit + WORTH) : this.#credit - 1;
    return found;
  }
}
