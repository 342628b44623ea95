// Durations, and what is to be said of them.

/** Of so many, the last ones, there is a median: a load may go on for days. */
const KEPT = 1000;

export class Durations {
  #last = [];
  count = 0;
  /** Undefined where there are none. */
  worst;

  add(ms) {
    this.#last[this.count++ % KEPT] = ms;
    this.worst = Math.max(this.worst ?? 0, ms);
  }

  get median() {
    return this.#last.toSorted((a, b) => a - b)[this.#last.length >> 1];
  }

  /**
   * The median over the time, where these came one after another with such a pause (ms) between: at half of all moments the one
   * that was under way took less. Between two long ones there is time for many that are short, but little time.
   */
  medianOfMoments(pause) {
    const sorted = this.#last.toSorted((a, b) => a - b);
    const half = sorted.reduce((sum, ms) => sum + ms + pause, 0) / 2;
    let passed = 0;
    return sorted.find((ms) => {
      passed += ms + pause;
      return passed >= half;
    });
  }
}
