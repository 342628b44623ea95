// A task's stay with its limiter and with its pool, and which other tasks wait for it: a task that waits for a function of its
// host's may be waiting for tasks that this function has called, and those for the limiter, or for the pool, that it is with itself.
//
// Guarantees:
// - a task lends its worker's place while it waits for its host and a task that was called there, at any depth, on the same pool
//   is not over;
// - a task lends its place while it waits for its host, to one task at a time of those that were called there; so a call
//   inside a call never waits for the place of its own caller;
// - a task that still uses a lent place when the lender goes on has a place of its own from then on, and until there is room
//   for it again nobody else is let in;
// - a call inside a call for which no place can ever become free is refused, not left waiting.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Link } from '../ring.js';
import type { Limiter } from './limiter.js';

/** A pool, whose workers' places tasks lend. */
export interface Places {
  /** One more place is lent, or one less. */
  lend(on: boolean): void;
}

const inside = new AsyncLocalStorage<Stay>();
/** Nobody is asked for what was never set. */
let isUsed = false;
let stays = 0;

export class Stay {
  /** Who came first has the lower one. */
  readonly number = ++stays;
  readonly limiter: Limiter | undefined;
  /** With its limiter, or in the line before it. @internal */
  place: Link<Stay> | undefined;
  readonly #places: Places | undefined;
  /** The task that waits for the function that has called this one. */
  #outer: Stay | undefined;
  /** Tasks that were called in here, at any depth, and are not let in yet. */
  readonly #kept = new Set<Stay>();
  #state: 'out' | 'in' | 'over' = 'out';
  #begin: (() => void) | undefined;
  /** Functions of its host's that it waits for. */
  #asking = 0;
  /** Tasks that were called in here, at any depth, on the same pool, and are not over. */
  #inner = 0;
  #isLending = false;
  /** Who is in its place, and in whose place it is. */
  #guest: Stay | undefined;
  #host: Stay | undefined;

  private constructor(limiter: Limiter | undefined, places: Places | undefined, outer: Stay | undefined) {
    this.limiter = limiter;
    this.#places = places;
    this.#outer = outer;
  }

  /** That of a task which is called here; undefined where it has no limiter, and no other task waits for it. */
  static of(limiter: Limiter | undefined, places: Places | undefined): Stay | undefined {
    let outer = isUsed ? inside.getStore() : undefined;
    if (outer !== undefined && outer.#state === 'over') outer = outer.#waiter;
    return limiter === undefined && outer === undefined ? undefined : new Stay(limiter, places, outer);
  }

  /** That of a task which had none, and waits for its host now. */
  static begun(places: Places | undefined): Stay {
    const stay = new Stay(undefined, places, undefined);
    stay.#state = 'in';
    return stay;
  }

  /** Does a task of the same pool wait for what has called this one? */
  get isNested(): boolean {
    for (const outer of this.#neighbours()) if (outer.#asking > 0) return true;
    return false;
  }

  /** Was it called in a task of the same pool that is not over? */
  get isInner(): boolean {
    return !this.#neighbours().next().done;
  }

  /** How many more places are lent when it enters. */
  get opens(): number {
    let count = 0;
    for (const outer of this.#neighbours()) if (outer.#asking > 0 && outer.#inner === 0) count++;
    return count;
  }

  /** Begins the task now, or as soon as there is a place for it; false, and neither, if there never will be. */
  enter(begin: () => void): boolean {
    this.#begin = begin;
    for (const outer of this.#neighbours()) outer.#hold(1);
    for (const outer of this.#chain()) {
      if (!outer.#lendsTo(this)) continue;
      this.#visit(outer);
      return true;
    }
    if (this.limiter === undefined || this.limiter.take(this)) {
      this.letIn();
      return true;
    }
    this.limiter.wait(this);
    for (const outer of this.#chain()) outer.#kept.add(this);
    return this.#outer === undefined || this.#mayEnter();
  }

  /** It has a place. */
  letIn(): void {
    this.#waitNoMore();
    this.#state = 'in';
    this.#begin?.();
  }

  /** The task is over, or waits no longer. */
  end(): void {
    const was = this.#state;
    this.#state = 'over';
    for (const outer of this.#neighbours()) outer.#hold(-1);
    this.#weigh();
    if (was === 'out') {
      this.#waitNoMore();
      this.limiter?.cancel(this);
    } else if (this.#host !== undefined) {
      this.#host.#guest = this.#guest;
      if (this.#guest === undefined) this.#host.#offer();
      else this.#guest.#host = this.#host;
    } else {
      this.#release();
      this.limiter?.leave(this);
    }
  }

  /** Runs a function for which the task waits. */
  async while<T>(work: () => Promise<T>): Promise<T> {
    isUsed = true;
    if (this.#asking++ === 0) {
      this.#offer();
      this.#weigh();
    }
    try {
      return await inside.run(this, work);
    } finally {
      if (--this.#asking === 0) {
        this.#release();
        this.#weigh();
      }
    }
  }

  /** The nearest that waits for it. Those that are over are forgotten, or tasks that call one another on and on would all be held. */
  get #waiter(): Stay | undefined {
    let outer = this.#outer;
    while (outer !== undefined && outer.#state === 'over') outer = outer.#outer;
    this.#outer = outer;
    return outer;
  }

  /** Whoever waits for it, the nearest first. */
  *#chain(): Generator<Stay, void, undefined> {
    for (let outer = this.#waiter; outer !== undefined; outer = outer.#waiter) yield outer;
  }

  /** Those of them that are on the same pool. */
  *#neighbours(): Generator<Stay, void, undefined> {
    if (this.#places === undefined) return;
    for (const outer of this.#chain()) if (outer.#places === this.#places) yield outer;
  }

  #hold(change: number): void {
    this.#inner += change;
    this.#weigh();
  }

  /** Does it lend its worker's place now? */
  #weigh(): void {
    const lends = this.#state === 'in' && this.#asking > 0 && this.#inner > 0;
    if (lends === this.#isLending) return;
    this.#isLending = lends;
    this.#places?.lend(lends);
  }

  #lendsTo(stay: Stay): boolean {
    const isFree = this.#state === 'in' && this.#asking > 0 && this.#guest === undefined;
    return isFree && stay.limiter !== undefined && this.limiter?.shares(stay.limiter) === true;
  }

  #visit(host: Stay): void {
    this.#host = host;
    host.#guest = this;
    this.letIn();
  }

  /** Its place is free, as long as it waits. */
  #offer(): void {
    for (const stay of this.#kept) {
      if (!this.#lendsTo(stay)) continue;
      stay.limiter?.cancel(stay);
      stay.#visit(this);
      return;
    }
  }

  /** Whoever is in its place has one of its own from now on. */
  #release(): void {
    const guest = this.#guest;
    if (guest === undefined) return;
    this.#guest = undefined;
    guest.#host = undefined;
    guest.limiter?.add(guest);
  }

  #waitNoMore(): void {
    for (const outer of this.#chain()) outer.#kept.delete(this);
  }

  /** Can a place become free for it, if all that do not wait end? */
  #mayEnter(): boolean {
    const waiting = new Set<Stay>([this]);
    const may = new Set<Stay>();
    // Grows while it is gone through, by those whom they wait for.
    for (const stay of waiting) {
      if (stay.#isFreed(may)) may.add(stay);
      if (may.has(this)) return true;
      for (const other of stay.#inTheWay()) {
        if (other !== undefined) for (const each of other.#kept) waiting.add(each);
      }
    }
    for (let before = -1; before < may.size && !may.has(this); ) {
      before = may.size;
      for (const stay of waiting) if (!may.has(stay) && stay.#isFreed(may)) may.add(stay);
    }
    return may.has(this);
  }

  /** Does a place become free for it, if these are let in? */
  #isFreed(may: ReadonlySet<Stay>): boolean {
    for (const stay of this.#inTheWay()) {
      if (stay === undefined || stay.#asking === 0) return true;
      if ([...stay.#kept].every((each) => may.has(each))) return true;
    }
    return false;
  }

  /** Of each place that it might have: who has to end first. Of those in it, whoever waits for this one only lends it. */
  *#inTheWay(): Generator<Stay | undefined, void, undefined> {
    const lenders = new Set(this.#chain());
    for (const first of this.limiter?.inTheWay() ?? []) {
      let last: Stay | undefined = first;
      while (last !== undefined && lenders.has(last)) last = last.#guest;
      yield last;
    }
  }
}
