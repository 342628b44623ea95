// The threads of a pool, which take tasks themselves from a board in shared memory: see decisions/0010.
import { setImmediate } from 'node:timers';
import { Board, Doing } from '../channel/board.js';
import { write } from '../channel/codec.js';
import type { Outgoing } from '../channel/marks.js';
import { ThreadDiedError } from '../errors.js';
import { startTimer } from '../timer.js';
import type { Boss } from './hand.js';
import type { Kind } from './kind.js';
import type { Task } from './task.js';
import { ThreadHand } from './thread-hand.js';

/** How often (ms) somebody who ought to take a task is looked after. */
const LATE = 10;
/** ms after which one who is wanted, and does not come, is ended. */
const STUCK = 1000;

export class Threads implements Kind {
  readonly name = 'thread';
  readonly hands: ThreadHand[] = [];
  readonly #board = new Board();
  #boss: Boss | undefined;
  #watching: NodeJS.Timeout | undefined;
  /** Is somebody to be woken at the end of this turn? */
  #isCalling = false;
  /** Tasks that were put there since that was decided. */
  #puts = 0;
  /** Did the last such turn put more than one there? */
  #isBusy = false;
  stuck = 0;

  start(boss: Boss, index: number, isSpare: boolean, now: number): void {
    this.#boss = boss;
    this.hands.push(new ThreadHand(boss, this.#board, index, isSpare, now));
  }

  forget(hand: ThreadHand): void {
    this.hands.splice(this.hands.indexOf(hand), 1);
  }

  diedError(what: string, why: string, options: ErrorOptions | undefined): ThreadDiedError {
    return new ThreadDiedError(what, why, options);
  }

  canBegin(): boolean {
    return this.soon(() => this.#board.waiting < this.#idle);
  }

  get #idle(): number {
    let count = 0;
    for (const hand of this.hands) if (hand.isIdle) count++;
    return count;
  }

  put(task: Task, message: readonly unknown[], keeps: (task: Task) => Outgoing): boolean {
    if (task.transfer === undefined) {
      const bytes = this.#board.open();
      if (bytes === undefined) return false;
      if (this.#write(bytes, task, message)) {
        this.#call();
        this.#watching ??= this.#watch();
        return true;
      }
    }
    // One that does not fit there is for one of them alone.
    const outgoing = keeps(task);
    // Whoever is to be woken for what came before it is not idle.
    if (this.#isCalling) this.#callAll();
    this.#watching ??= this.#watch();
    return this.soon(() => this.hands.some((hand) => hand.give(task, message, outgoing)));
  }

  /** Whatever becomes of it, the slot is not left open. */
  #write(bytes: Buffer, task: Task, message: readonly unknown[]): boolean {
    let isWritten = false;
    try {
      isWritten = write(bytes, message) !== 0;
    } finally {
      if (isWritten) task.slot = this.#board.put(task.id);
      else this.#board.close();
    }
    return isWritten;
  }

  /**
   * Wakes the first one who is idle: the same ones work on, and the others can be ended. To wake somebody takes this thread 5 to 20 µs,
   * more than all the rest of a call; so where there is more to come in this turn, it is done once, at its end. One that only sleeps
   * looks at the board by itself within milliseconds, should this turn have no end: there is one for each task that waits there, or
   * whoever is in its event loop is called at once.
   */
  #call(): void {
    this.#puts++;
    if (!this.#isBusy && this.#boss?.isWaitedFor() !== true) {
      this.#callOne();
      return;
    }
    let sleepers = 0;
    let looping: ThreadHand | undefined;
    for (const hand of this.hands) {
      const { doing } = hand.seat;
      if (doing === Doing.asleep) sleepers++;
      else if (doing === Doing.looping) looping ??= hand;
    }
    if (sleepers === 0) {
      this.#callOne();
      return;
    }
    if (!this.#isCalling) {
      this.#isCalling = true;
      this.#puts = 1;
      setImmediate(this.#callAll);
    }
    if (this.#board.waiting > sleepers) looping?.call();
  }

  #callOne(): void {
    for (const hand of this.hands) if (hand.call()) return;
  }

  readonly #callAll = (): void => {
    if (!this.#isCalling) return;
    this.#isCalling = false;
    this.#isBusy = this.#puts > 1;
    let count = this.#board.waiting;
    for (const hand of this.hands) if (count > 0 && hand.call()) count--;
  };

  /**
   * Looks, as long as somebody ought to take a task, who does not, because of something that an earlier task has left behind. His
   * place is free for another one; who is so for long, and is wanted, is ended.
   */
  #watch(): NodeJS.Timeout | undefined {
    return startTimer(() => {
      this.#watching = undefined;
      let isAnyDue = false;
      this.stuck = 0;
      for (const hand of this.hands) {
        if (hand.isLate(LATE)) isAnyDue = true;
        if (hand.late > 0) this.stuck++;
      }
      const isShort = this.#board.waiting > 0 || this.#boss?.isShort() === true;
      if (this.stuck > 0 && isShort) this.#replace();
      if (isAnyDue || isShort) this.#watching ??= this.#watch();
    }, LATE)?.unref();
  }

  #replace(): void {
    for (const hand of this.hands) {
      if (hand.late >= STUCK)
        hand.end('it did not begin a task within a second, busy with what an earlier one had left');
    }
    this.#callOne();
    // There may be room for one more.
    this.#boss?.answered();
  }

  begin(): void {
    this.#board.asks = false;
  }

  flush(): void {}

  takeBack(task: Task): boolean {
    return this.#board.takeBack(task.slot, task.id);
  }

  recall(): void {}

  holderOf(task: Task): ThreadHand | undefined {
    return this.hands.find((hand) => hand.begun === task.id);
  }

  leftBy({ seat }: ThreadHand): number[] {
    return this.#board.leftBy(seat.worker);
  }

  hear(): void {
    this.#board.hear();
  }

  soon(holds: () => boolean): boolean {
    if (holds()) return true;
    this.#board.asks = true;
    // Once more: one that has become idle meanwhile did not know that it was wanted.
    return holds();
  }
}
