// Tasks that wait: first in, first out among those of the same priority, and the higher one first; before them all those that
// were called in a task which waits for them. A task that was given up is left where it is until its turn comes, and counted
// no more.
import { Stage, type Task } from './task.js';

/** Items that were taken are cut off when they are so many, and half of all. */
const CUT = 1024;

class Lane {
  #items: (Task | undefined)[] = [];
  #first = 0;

  push(task: Task): void {
    this.#items.push(task);
  }

  unshift(tasks: readonly Task[]): void {
    this.#items.splice(this.#first, 0, ...tasks);
  }

  /** The first task that still waits. */
  peek(): Task | undefined {
    if (this.#items.length === 0) return undefined;
    for (; this.#first < this.#items.length; this.#first++) {
      const task = this.#items[this.#first];
      if (task !== undefined && task.stage === Stage.queued) return task;
      this.#items[this.#first] = undefined;
    }
    this.#items = [];
    this.#first = 0;
    return undefined;
  }

  shift(): void {
    this.#items[this.#first++] = undefined;
    if (this.#first >= CUT && this.#first * 2 >= this.#items.length) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

export class Queue {
  readonly #nested = new Lane();
  /** The highest priority first. Nearly always there is one lane. */
  readonly #lanes: { readonly priority: number; readonly lane: Lane }[] = [{ priority: 0, lane: new Lane() }];
  size = 0;

  /** Has a priority ever been given? */
  get isRanked(): boolean {
    return this.#lanes.length > 1;
  }

  push(task: Task): void {
    this.size++;
    this.#laneOf(task).push(task);
  }

  /** Puts tasks that had left back to the front of their lanes, in this order. */
  unshift(tasks: readonly Task[]): void {
    this.size += tasks.length;
    this.#nested.unshift(tasks.filter((task) => task.isNested));
    for (const { priority, lane } of this.#lanes)
      lane.unshift(tasks.filter((task) => !task.isNested && task.priority === priority));
  }

  peek(): Task | undefined {
    const nested = this.#nested.peek();
    if (nested !== undefined) return nested;
    for (const { lane } of this.#lanes) {
      const task = lane.peek();
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** Takes away what `peek` gave. */
  shift(task: Task): void {
    this.size--;
    this.#laneOf(task).shift();
  }

  /** A task that waited here waits no more. */
  drop(): void {
    this.size--;
  }

  #laneOf({ isNested, priority }: Task): Lane {
    if (isNested) return this.#nested;
    const known = this.#lanes.find((each) => each.priority === priority);
    if (known !== undefined) return known.lane;
    const lane = new Lane();
    this.#lanes.push({ priority, lane });
    this.#lanes.sort((a, b) => b.priority - a.priority);
    return lane;
  }
}
