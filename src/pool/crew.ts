// The workers of a pool: started when there is more to do than there are, ended when there is nothing, replaced when they die.
import { type ANSWERS, Errand, type ToPool } from '../channel/errands.js';
import type { Incoming } from '../channel/marks.js';
import { clock } from '../clock.js';
import { targetOf } from '../task/target.js';
import { startTimer } from '../timer.js';
import type { Boss, Death, Hand, Limits } from './hand.js';
import type { Kind } from './kind.js';
import type { WorkerStats } from './stats.js';

/** ms after which a worker with nothing to do is ended. */
const IDLE = 30_000;

/** How many workers there may be, and for how long. */
export interface CrewOptions {
  readonly size: number;
  readonly minimum: number;
  readonly idleTimeout: number | undefined;
  readonly limits: Limits;
}

/** Who gives the workers their tasks. */
export interface Foreman {
  readonly incoming: Incoming;
  /** There are answers. */
  answered(): void;
  recalled(tasks: readonly number[]): void;
  isShort(): boolean;
  isWaitedFor(): boolean;
  heard(hand: Hand, errand: Exclude<ToPool, typeof ANSWERS>): void;
  /** A worker has died. Was its death due to a task? */
  died(hand: Hand, why: string, cause: { readonly error: unknown } | undefined): boolean;
}

export class Crew {
  readonly size: number;
  readonly #minimum: number;
  readonly #idleTimeout: number;
  readonly #limits: Limits;
  readonly #kind: Kind;
  readonly #foreman: Foreman;
  readonly #numbers = new WeakMap<object, number>();
  readonly #definitions = new Map<number, unknown>();
  readonly #deaths: Record<Death, number> = {
    exit: 0,
    error: 0,
    memory: 0,
    signal: 0,
    'given up': 0,
  };
  #functions = 0;
  #started = 0;
  #pruning: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor({ size, minimum, idleTimeout = IDLE, limits }: CrewOptions, kind: Kind, foreman: Foreman) {
    this.size = size;
    this.#minimum = minimum;
    this.#idleTimeout = idleTimeout;
    this.#limits = limits;
    this.#kind = kind;
    this.#foreman = foreman;
  }

  /** The number of a function here; see `keyOf` for what stands for it. */
  define(key: object): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = ++this.#functions;
    const found = targetOf(key);
    this.#definitions.set(number, found);
    this.#numbers.set(key, number);
    for (const hand of this.#kind.hands) hand.post([Errand.define, number, found]);
    return number;
  }

  [Symbol.iterator](): Iterator<Hand> {
    return this.#kind.hands[Symbol.iterator]();
  }

  /** Starts workers until there are so many, or as many as there may be; `extra` have others in their places. */
  grow(wanted: number, extra = 0): void {
    // A spare one stands in for nobody.
    const spare = extra > 0 && this.#kind.hands.some((hand) => hand.isSpare) ? 1 : 0;
    const most = Math.min(this.size + extra, wanted) + spare;
    while (!this.#isOver && this.#kind.hands.length < most) this.#start(false);
  }

  /** Ends idle workers that were started in the places of others, and are too many now. Are there still too many? */
  shrink(extra: number): boolean {
    if (this.#kind.hands.length <= this.size + extra) return false;
    let surplus = -this.size - extra;
    for (const hand of this.#kind.hands) if (!hand.isEnding && !hand.isSpare) surplus++;
    for (const hand of this.#kind.hands) if (surplus > 0 && hand.retire()) surplus--;
    return surplus > 0;
  }

  /** Gets a successor ready, which works when somebody has ended. */
  prepareSpare(): void {
    if (!this.#isOver && !this.#kind.hands.some((hand) => hand.isSpare)) this.#start(true);
  }

  /** Nobody has to end: the successor works all the same, if there is a place, or ends. */
  dismissSpare(): void {
    const spare = this.#kind.hands.find((hand) => hand.isSpare);
    if (spare === undefined) return;
    if (this.#kind.hands.length > this.size) spare.end();
    else spare.enlist();
  }

  #start(isSpare: boolean): void {
    const boss: Boss = {
      ...this.#foreman,
      definitions: this.#definitions,
      limits: this.#limits,
      died: (hand, death, why, cause) => this.#died(hand, death, why, cause),
    };
    this.#kind.start(boss, ++this.#started, isSpare, clock());
    if (this.#idleTimeout > 0) this.rest();
  }

  #died(hand: Hand, death: Death, why: string, cause: { readonly error: unknown } | undefined): void {
    this.#kind.forget(hand);
    if (!this.#isOver) this.#kind.hands.find((each) => each.isSpare)?.enlist();
    const wasBusy = this.#foreman.died(hand, why, cause);
    if (wasBusy || !hand.isEnding || hand.why !== undefined) this.#deaths[death]++;
  }

  /** Ends whoever has had nothing to do for a while. Looked at as long as there is anybody who may be ended. */
  rest(): void {
    if (this.#pruning !== undefined || this.#isOver || this.#kind.hands.length <= this.#minimum) return;
    this.#pruning = startTimer(() => {
      this.#pruning = undefined;
      this.#prune();
      if (this.#idleTimeout > 0) this.rest();
    }, this.#idleTimeout)?.unref();
  }

  #prune(): void {
    const before = clock() - this.#idleTimeout;
    let left = this.#kind.hands.filter((hand) => !hand.isEnding).length - this.#minimum;
    for (const hand of this.#kind.hands) {
      if (left > 0 && hand.idleSince <= before && hand.retire()) left--;
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#pruning);
    const hands = [...this.#kind.hands];
    for (const hand of hands) hand.end();
    await Promise.all(hands.map((hand) => hand.ended));
  }

  stats(now: number): {
    readonly workers: readonly WorkerStats[];
    readonly started: number;
    readonly deaths: Readonly<Record<Death, number>>;
  } {
    const workers = this.#kind.hands.map((hand) => ({
      threadId: hand.threadId,
      ...(hand.pid !== undefined && { pid: hand.pid }),
      tasks: hand.tasks,
      utilisation: Math.min(1, hand.busyMs / Math.max(1, now - hand.startedAt)),
      isIdle: hand.isIdle,
    }));
    return { workers, started: this.#started, deaths: { ...this.#deaths } };
  }
}
