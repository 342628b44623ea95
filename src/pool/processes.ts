// The processes of a pool. There is no board that all of them could take tasks from, so each is given its own; while tasks are short,
// some ahead, so that it need not wait for the next one. Where one of them turns out to be long, what stands behind it is
// called back.
import type { Outgoing } from '../channel/marks.js';
import { clock } from '../clock.js';
import { ProcessDiedError } from '../errors.js';
import { startTimer } from '../timer.js';
import type { Boss } from './hand.js';
import type { Kind } from './kind.js';
import { ProcessHand } from './process-hand.js';
import type { Task } from './task.js';

/** As much work (ms) as one may have ahead, and so many tasks. */
const AHEAD_MS = 1;
const MOST_AHEAD = 31;
/** What stands behind a task for so long (ms) is called back. */
const HELD_UP = 2;
/** So much later (ms) also what ought to have begun: somebody else may be free. */
const LATE = 10;
/** The part that a task's time has in the average. */
const WEIGHT = 1 / 16;

export class Processes implements Kind {
  readonly name = 'process';
  readonly hands: ProcessHand[] = [];
  #ahead = 0;
  #average = AHEAD_MS * 2;
  #isFlushing = false;
  #watching: NodeJS.Timeout | undefined;

  start(boss: Boss, index: number, isSpare: boolean, now: number): void {
    this.hands.push(new ProcessHand(boss, index, isSpare, now, (ms) => this.#measure(ms)));
  }

  forget(hand: ProcessHand): void {
    this.hands.splice(this.hands.indexOf(hand), 1);
  }

  diedError(what: string, why: string, options: ErrorOptions | undefined): ProcessDiedError {
    return new ProcessDiedError(what, why, options);
  }

  #measure(ms: number): void {
    this.#average += (ms - this.#average) * WEIGHT;
    this.#ahead = Math.min(MOST_AHEAD, Math.floor(AHEAD_MS / this.#average));
  }

  get stuck(): number {
    let count = 0;
    for (const hand of this.hands) if (hand.isStuck) count++;
    return count;
  }

  canBegin(): boolean {
    return this.hands.some((hand) => hand.isIdle);
  }

  put(task: Task, message: readonly unknown[], keeps: (task: Task) => Outgoing): boolean {
    let best: ProcessHand | undefined;
    for (const hand of this.hands) {
      if (hand.hasRoom(this.#ahead) && (best === undefined || hand.load < best.load)) best = hand;
    }
    if (best === undefined) return false;
    best.give(task, message, keeps);
    this.#watch();
    return true;
  }

  /** Once for all that is called in this turn: a system call costs more than all the rest of a task. */
  flush(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(this.#write);
  }

  readonly #write = (): void => {
    this.#isFlushing = false;
    for (const hand of this.hands) hand.flush();
  };

  /** Looks from time to time whether something does not begin, as long as there is something that might not. */
  #watch(): void {
    this.#watching ??= startTimer(() => {
      this.#watching = undefined;
      const before = clock() - HELD_UP;
      let isAnyBusy = false;
      for (const hand of this.hands) {
        if (hand.load === 0) continue;
        isAnyBusy ||= hand.callsBack;
        if (hand.givenAt < before) hand.callBack(hand.givenAt < before - LATE);
      }
      if (isAnyBusy) this.#watch();
    }, HELD_UP)?.unref();
  }

  takeBack(): boolean {
    return false;
  }

  recall(): void {
    for (const hand of this.hands) hand.callBack(false);
  }

  holderOf(task: Task): ProcessHand | undefined {
    return this.hands.find((hand) => hand.has(task.id));
  }

  leftBy(hand: ProcessHand): number[] {
    return hand.ahead;
  }

  begin(): void {}

  hear(): void {}

  soon(holds: () => boolean): boolean {
    return holds();
  }
}
