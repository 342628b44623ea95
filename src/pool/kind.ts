// What a pool's workers are, threads or processes: how they are started, and how tasks get to them.
import type { Outgoing } from '../channel/marks.js';
import type { IsthmusError } from '../errors.js';
import type { Boss, Hand } from './hand.js';
import type { Task } from './task.js';

export interface Kind {
  readonly name: 'thread' | 'process';
  /** Those that there are. */
  readonly hands: readonly Hand[];
  /** How many do not begin what they are given, busy with what an earlier task has left behind. */
  readonly stuck: number;
  /** Starts one. */
  start(boss: Boss, index: number, isSpare: boolean, now: number): void;
  /** This one has died. */
  forget(hand: Hand): void;
  /** Why a task was not answered whose worker has died. */
  diedError(what: string, why: string, options: ErrorOptions | undefined): IsthmusError;

  /** The pool gives out what waits, from here on until `flush`. */
  begin(): void;
  flush(): void;
  /** Would a task begin at once? If not, the pool is told when one would. */
  canBegin(): boolean;
  /**
   * Gives a task to whoever works next, or to somebody who will; false where there is no room for it now, and then the pool
   * is told when there is. What cannot be cloned throws. `keeps` is what of its arguments stays here, asked for where it has
   * any.
   */
  put(task: Task, message: readonly unknown[], keeps: (task: Task) => Outgoing): boolean;
  /** Takes a task back that nobody has begun; whether that is so, as far as can be told at once. */
  takeBack(task: Task): boolean;
  /** Asks for tasks back that are with somebody, so far as they have not begun: `recalled` tells which. */
  recall(): void;
  /** Who has this task. */
  holderOf(task: Task): Hand | undefined;
  /** What somebody who has died had taken and not begun. */
  leftBy(hand: Hand): number[];
  /** The pool is about to read answers. */
  hear(): void;
  /** Does it hold? If not, the pool is told when a worker becomes idle. */
  soon(holds: () => boolean): boolean;
}
