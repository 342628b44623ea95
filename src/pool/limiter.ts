// A limiter is not the pool: it says how many tasks of some kind may be with workers at once, whichever pool runs them.
// The idea, and that it is shared between calls and can be looked at, are those of anyio's CapacityLimiter.
import { InvalidArgumentError } from '../errors.js';
import { checkNames, describe } from '../options.js';
import { Ring } from '../ring.js';
import type { Stay } from './stay.js';

/** How a {@link Limiter} is. */
export interface LimiterStats {
  readonly name: string;
  readonly most: number;
  /** Places that are kept: of a reservation, for its own calls; of a limiter, for its reservations'. */
  readonly reserved: number;
  /** Tasks that are let in: those that wait for a worker, run, or are given up and not yet ended; of a limiter, also those of its reservations. */
  readonly used: number;
  readonly waiting: number;
}

/**
 * Caps how many tasks run at once, for all calls that are given it, in whichever pool. Tasks that it does not let in yet wait,
 * first in, first out; a task that was given up counts until its work has ended, or its worker has. While a task waits for a
 * function of its host's (`fromThread.run`, a callback), its place is lent to what that function calls.
 *
 * @throws InvalidArgumentError where `most` is no whole number from 1 on.
 * @example
 * const disk = new Limiter(4, { name: 'disk' });
 * await toThread.with({ limiter: disk })(readAll, path);
 * disk.stats(); // { name: 'disk', most: 4, reserved: 0, used: 0, waiting: 0 }
 * @since 0.1.0
 */
export class Limiter {
  readonly name: string;
  readonly most: number;
  /** The limiter itself, and then its reservations: who shares the places. */
  #parts: Limiter[] = [this];
  /** Of a reservation: places that are kept for it. */
  #reserved = 0;
  readonly #in = new Ring<Stay>();
  readonly #waiting = new Ring<Stay>();
  #isAdmitting = false;

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

  /**
   * Keeps so many of the places for one kind of calls: those that are given the limiter that this returns. They may take any
   * place; all others only those that are not reserved, one at least. Make it once, beside the limiter.
   *
   * @param places How many, from 1 to one less than there are left.
   * @throws InvalidArgumentError
   * @example
   * const disk = new Limiter(8);
   * const answers = disk.reserve(2); // scans may fill six of the eight places
   * await toThread.with({ limiter: disk })(scan, folder);
   * await toThread.with({ limiter: answers })(readAll, path);
   * @since 0.1.0
   */
  reserve(places: number, options: { readonly name?: string | undefined } = {}): Limiter {
    checkNames('limiter.reserve()', options, ['name']);
    if (this.#parts[0] !== this) {
      throw new InvalidArgumentError(
        'A reservation has nothing to reserve: call reserve() of the Limiter itself.',
      );
    }
    const most = this.most - this.#kept - 1;
    if (!(Number.isInteger(places) && places >= 1 && places <= most)) {
      const expected = most < 1 ? 'has no place to reserve' : `takes a whole number from 1 to ${most}`;
      throw new InvalidArgumentError(
        `limiter.reserve() ${expected}, for one at least is for every call, not ${describe(places)}.`,
      );
    }
    const part = new Limiter(this.most, options);
    part.#reserved = places;
    part.#parts = this.#parts;
    this.#parts.push(part);
    return part;
  }

  stats(): LimiterStats {
    const isWhole = this.#parts[0] === this;
    return {
      name: this.name,
      most: this.most,
      reserved: isWhole ? this.#kept : this.#reserved,
      used: isWhole ? this.#used : this.#in.size,
      waiting: this.#waiting.size,
    };
  }

  get #kept(): number {
    return this.#parts.reduce((sum, part) => sum + part.#reserved, 0);
  }

  get #used(): number {
    return this.#parts.reduce((sum, part) => sum + part.#in.size, 0);
  }

  /** Is there a place for one more of its calls? */
  get #hasPlace(): boolean {
    if (this.#used >= this.most) return false;
    if (this.#in.size < this.#reserved) return true;
    const common = this.#parts.reduce((sum, part) => sum + Math.max(0, part.#in.size - part.#reserved), 0);
    return common < this.most - this.#kept;
  }

  /** Are the places of both the same ones? @internal */
  shares(other: Limiter): boolean {
    return this.#parts === other.#parts;
  }

  /** Lets a task in, if there is a place. @internal */
  take(stay: Stay): boolean {
    if (!this.#hasPlace) return false;
    this.add(stay);
    return true;
  }

  /** Lets a task in that is at work already. @internal */
  add(stay: Stay): void {
    stay.place = this.#in.add(stay);
  }

  /** A task is to be let in when there is a place. @internal */
  wait(stay: Stay): void {
    stay.place = this.#waiting.add(stay);
  }

  /** A task that still waits does so no longer. @internal */
  cancel(stay: Stay): void {
    stay.place?.leave();
  }

  /** A task that was let in is over. @internal */
  leave(stay: Stay): void {
    stay.place?.leave();
    const [whole] = this.#parts as [Limiter];
    // Whoever is over at once leaves in here, and is followed by the next in the same loop.
    if (whole.#isAdmitting) return;
    whole.#isAdmitting = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) next.letIn();
    } finally {
      whole.#isAdmitting = false;
    }
  }

  /** Gives a place to who has come first of those for whom there is one. */
  #next(): Stay | undefined {
    let found: Stay | undefined;
    let its: Limiter | undefined;
    for (const part of this.#parts) {
      const first = part.#waiting.oldest;
      if (first === undefined || (found !== undefined && found.number < first.number)) continue;
      if (part.#hasPlace) [found, its] = [first, part];
    }
    if (found === undefined || its === undefined) return undefined;
    found.place?.leave();
    its.add(found);
    return found;
  }

  /** Those whose end would make room for one of its calls. @internal */
  *inTheWay(): Generator<Stay, void, undefined> {
    const isOverfull = this.#used > this.most;
    for (const part of this.#parts) {
      if (part === this || part.#in.size > part.#reserved || isOverfull) yield* part.#in.all();
    }
  }
}
