// Is it worth while to look at a word before sleeping on it? Both sides have to look, or it helps neither; so one of them,
// the caller, finds out by trial and tells the other: it compares what its calls take with looking and without.
//
// On two free cores a call with looking takes some 2 µs, and 8 to 60 without; where the cores are busy, who looks keeps
// the other side from its core. What is right changes within a program's life, so the way that seems worse is tried
// again: soon where calls have become faster or slower since, and rarer each time that it was worse again.
//
// Guarantees:
// - looking costs a small part (SHARE) of what all calls take, and what it has saved: trials wait until they are paid for;
// - looking that takes longer than sleeping did is given up at once, and does not wait for a trial's turn;
// - nobody looks longer than two calls without looking take, so that a look in vain costs little more than it could give.

/** A trial is as many calls at least, */
const CALLS = 32;
/** and as many ms: it takes the system some to put two threads that look onto two cores; */
const SPAN = 5;
/** but it ends when it has cost so many ms more than the other way, */
const LOSS = 1;
/** and with so many, however few the calls: one with callbacks is many waits. */
const MOST_LOSS = 4;
/** The part of all time that may be lost by trials, */
const SHARE = 1 / 256;
/** and the most (ms) that is kept for them, or owed. */
const KEPT = 8;
/** ms from a trial to the next one, at first and at last. */
const SOON = 10;
const LATE = 2560;
/** The way that is tried must take less than this part of what the other takes. */
const BETTER = 0.9;
/** ms. A longer call says nothing of the way it was waited for. */
const LONG = 1;

/** How many looks take a ms, more or less. */
const LOOKS = 150_000;
/** They take 50 to 80 µs, as a sleep and its wake-up do on cores that are free and asleep. */
const MOST_LOOKS = 12_000;

type Way = 0 | 1;
const LOOKING: Way = 0;
const SLEEPING: Way = 1;
/** How much of a mean are the last calls: what goes wrong with looking is seen soon, and sleeping varies by itself. */
const WEIGHT = [1 / 4, 1 / 8] as const;

export class Patience {
  #way: Way = LOOKING;
  /** Mean ms of a call, for either way. */
  readonly #mean: [looking: number, sleeping: number] = [Number.NaN, Number.NaN];
  #trial = false;
  /** The mean of the better way when the other was last tried. */
  #then = 0;
  /** ms that may be lost. */
  #credit = KEPT;
  /** ms of calls until the next trial, and from that to the one after it. */
  #left = SOON;
  #pause = SOON;
  #sum = 0;
  #count = 0;
  /** ms beyond what is counted of the long ones. */
  #beyond = 0;

  /** How often to look at a word before sleeping on it. */
  get looks(): number {
    if (this.#way === SLEEPING) return 0;
    const most = 2 * this.#mean[SLEEPING] * LOOKS;
    return most < MOST_LOOKS ? Math.ceil(most) : MOST_LOOKS;
  }

  /** Takes note of a call of so many ms; true where `looks` may have changed. */
  note(ms: number): boolean {
    const counted = Math.min(ms, LONG);
    this.#sum += counted;
    this.#beyond += ms - counted;
    this.#count++;
    // Nothing is lost where the other way is not known.
    const lost = this.#sum - this.#count * this.#mean[this.#other()] || 0;
    const isEnough = this.#sum >= SPAN || lost >= LOSS;
    if (!(this.#count >= CALLS && isEnough) && lost < MOST_LOSS) return false;
    if (this.#trial) this.#judge(lost);
    else this.#goOn(lost);
    this.#sum = 0;
    this.#count = 0;
    this.#beyond = 0;
    return true;
  }

  #other(): Way {
    return this.#way === LOOKING ? SLEEPING : LOOKING;
  }

  /** After a trial: which way is better? */
  #judge(lost: number): void {
    const there = this.#other();
    const mean = this.#sum / this.#count;
    this.#mean[this.#way] = mean;
    this.#then = Math.min(mean, this.#mean[there]);
    this.#trial = false;
    // Who looks may lose its core for a while by that.
    this.#pay(this.#way === LOOKING ? lost + this.#beyond : lost);
    if (mean < BETTER * this.#mean[there]) this.#pause = SOON;
    else this.#way = there;
    this.#left = this.#pause;
    this.#pause = Math.min(2 * this.#pause, LATE);
  }

  #goOn(lost: number): void {
    const way = this.#way;
    const mean = this.#sum / this.#count;
    const before = this.#mean[way];
    const now = Number.isNaN(before) ? mean : before + (mean - before) * WEIGHT[way];
    this.#mean[way] = now;
    this.#left -= this.#sum;
    this.#pay((way === LOOKING ? lost : 0) - SHARE * this.#sum);
    if (now > 2 * this.#then || now < this.#then / 2) {
      this.#then = now;
      this.#pause = SOON;
      this.#left = Math.min(this.#left, SOON);
    }
    const isWorse = way === LOOKING && !(now < this.#mean[SLEEPING]);
    if (isWorse || (this.#left <= 0 && this.#credit >= LOSS)) {
      this.#trial = true;
      this.#way = this.#other();
    }
  }

  #pay(ms: number): void {
    this.#credit = Math.max(-KEPT, Math.min(KEPT, this.#credit - ms));
  }
}
