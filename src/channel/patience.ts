// Is it worth while to look at a word before sleeping on it? Both sides have to look, or it helps neither; so one of them,
// the caller, finds out by trial and tells the other: it compares what its calls take with looking and without.
//
// On two free cores a call with looking takes some 2 µs, and 10 to 60 without; where the cores are busy, who looks keeps
// the other side from its core. What is right changes within a program's life, so the way that seems worse is tried
// again: soon where calls have become faster or slower since, and rarer each time that it was worse again.

/** A trial is as many calls at least, */
const CALLS = 32;
/** and as many ms: it takes the system some to put two threads that look onto two cores. */
const SPAN = 5;
/** How many times longer than a trial of the worse way the better one is kept, at first and at last. */
const SOON = 8;
const LATE = 128;
/** ms. A longer call says nothing of the way it was waited for. */
const MOST = 1;

export class Patience {
  #looks = true;
  /** Mean ms of a call, for either way: with looking, without. */
  readonly #mean: [on: number, off: number] = [Number.NaN, Number.NaN];
  #trial = false;
  /** The mean of the better way when the other was last tried. */
  #then = 0;
  #share = SOON;
  /** ms that the last trial took, and ms of calls until the next one. */
  #took = 0;
  #left = 0;
  #sum = 0;
  #count = 0;

  get looks(): boolean {
    return this.#looks;
  }

  /** Takes note of a call of so many ms; true where `looks` may have changed. */
  note(ms: number): boolean {
    this.#sum += Math.min(ms, MOST);
    if (++this.#count < CALLS || this.#sum < SPAN) return false;
    const mean = this.#sum / this.#count;
    if (this.#trial) this.#judge(mean);
    else this.#goOn(mean);
    this.#sum = 0;
    this.#count = 0;
    return true;
  }

  /** After a trial: which way is better? */
  #judge(mean: number): void {
    const [here, there] = this.#ways();
    this.#mean[here] = mean;
    this.#trial = false;
    this.#took = this.#sum;
    this.#then = Math.min(mean, this.#mean[there]);
    if (mean < this.#mean[there]) this.#share = SOON;
    else this.#looks = !this.#looks;
    this.#left = this.#share * this.#took;
    this.#share = Math.min(2 * this.#share, LATE);
  }

  #goOn(mean: number): void {
    const [here, there] = this.#ways();
    const before = this.#mean[here];
    const now = Number.isNaN(before) ? mean : before + (mean - before) / 4;
    this.#mean[here] = now;
    this.#left -= this.#sum;
    if (now > 2 * this.#then || now < this.#then / 2) {
      this.#share = SOON;
      this.#left = Math.min(this.#left, SOON * this.#took);
      this.#then = now;
    }
    if (this.#left <= 0 || !(now < this.#mean[there])) {
      this.#trial = true;
      this.#looks = !this.#looks;
    }
  }

  #ways(): readonly [here: 0 | 1, there: 0 | 1] {
    return this.#looks ? [0, 1] : [1, 0];
  }
}
