// Durations, counted in buckets that grow by a fifth each: what a percentile costs in exactness is less than that.
const GROWTH = Math.log(1.2);
/** ms of the first bucket's upper end. */
const LEAST = 0.001;

/** What a {@link Histogram} tells, in milliseconds. */
export interface Durations {
  readonly count: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export class Histogram {
  readonly #buckets = new Uint32Array(128);
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    const at = ms <= LEAST ? 0 : Math.min(127, Math.ceil(Math.log(ms / LEAST) / GROWTH));
    (this.#buckets[at] as number)++;
    this.#count++;
    this.#sum += ms;
    if (ms > this.#max) this.#max = ms;
  }

  #percentile(part: number): number {
    let left = this.#count * part;
    for (let at = 0; at < this.#buckets.length; at++) {
      left -= this.#buckets[at] as number;
      if (left <= 0) return Math.min(this.#max, LEAST * Math.exp(at * GROWTH));
    }
    return this.#max;
  }

  durations(): Durations {
    const count = this.#count;
    if (count === 0) return { count, mean: 0, max: 0, p50: 0, p95: 0, p99: 0 };
    return {
      count,
      mean: this.#sum / count,
      max: this.#max,
      p50: this.#percentile(0.5),
      p95: this.#percentile(0.95),
      p99: this.#percentile(0.99),
    };
  }
}
