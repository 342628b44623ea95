// What a pool counts of the tasks that are over.
import { Histogram } from './histogram.js';
import type { PoolStats } from './stats.js';

export class Tally {
  #completed = 0;
  #failed = 0;
  readonly #waits = new Histogram();
  readonly #runs = new Histogram();

  /** A task was answered that has waited and run for so long (ms). */
  took(wait: number, run: number): void {
    this.#waits.add(wait);
    this.#runs.add(run);
  }

  /** Its caller was told what became of it. */
  settled(ok: boolean): void {
    if (ok) this.#completed++;
    else this.#failed++;
  }

  stats(): Pick<PoolStats, 'completed' | 'failed' | 'wait' | 'run'> {
    return {
      completed: this.#completed,
      failed: this.#failed,
      wait: this.#waits.durations(),
      run: this.#runs.durations(),
    };
  }
}
