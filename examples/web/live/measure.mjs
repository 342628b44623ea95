// What was measured of one way, while there was load on it: how long the calls took, and what it did to /ping.
import { Durations } from './durations.mjs';
import { PAUSE } from './ping.mjs';

export class Measure {
  #what;
  #said;
  #began = performance.now();
  #ended;
  #calls = new Durations();
  #waits = new Durations();
  #runs = new Durations();
  #pings = new Durations();
  #waited = 0;
  #loop;
  #failed = 0;
  #places = new Set();

  /** `what`: `{ way, job, clients }`; `said`: when the server has said last how its loop is. */
  constructor(what, said) {
    this.#what = what;
    this.#said = said;
  }

  call({ ms, waitMs, runMs, where, failed }) {
    if (failed !== undefined) {
      this.#failed++;
      return;
    }
    this.#calls.add(ms);
    this.#waits.add(waitMs);
    this.#runs.add(runMs);
    this.#places.add(where);
  }

  /** One that was asked earlier says nothing of this way. */
  ping({ ms, asked }) {
    if (asked >= this.#began) this.#pings.add(ms);
  }

  /** A ping that has no answer yet has waited so long at least. */
  waiting(ms) {
    if (performance.now() - ms >= this.#began) this.#waited = Math.max(this.#waited, ms);
  }

  /** How long the loop stood still, as the server says, since it has said so before. */
  loop(ms, from) {
    if (from >= this.#said) this.#loop = Math.max(this.#loop ?? 0, ms);
  }

  end() {
    this.#ended = performance.now();
  }

  get result() {
    const seconds = ((this.#ended ?? performance.now()) - this.#began) / 1000;
    return {
      ...this.#what,
      calls: this.#calls.count,
      failed: this.#failed,
      perSecond: this.#calls.count / seconds,
      took: this.#calls.median,
      waited: this.#waits.median,
      ran: this.#runs.median,
      ping: {
        usual: this.#pings.medianOfMoments(PAUSE),
        worst: Math.max(this.#pings.worst ?? 0, this.#waited),
      },
      loop: this.#loop,
      places: [...this.#places].sort(),
    };
  }
}
