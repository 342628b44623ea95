// The tasks of a pool that are not over, by their numbers and by their age.
import { nextId } from '../channel/ids.js';
import { type Link, Ring } from '../ring.js';
import type { Task } from './task.js';

/** A power of 2. */
const LEAST = 64;

export class Roster {
  readonly #byAge = new Ring<Task>();
  /** Twice as many as there are tasks, at least; each task's is where its number says, by its last bits. */
  #slots: (Link<Task> | undefined)[] = empty(LEAST);
  #last = 0;

  get size(): number {
    return this.#byAge.size;
  }

  /** A number whose slot is free: some tasks last longer than it takes to begin anew. */
  nextId(): number {
    do this.#last = nextId(this.#last);
    while (this.#slots[this.#at(this.#last)] !== undefined);
    return this.#last;
  }

  #at(id: number): number {
    return id & (this.#slots.length - 1);
  }

  get(id: number): Task | undefined {
    const task = this.#slots[this.#at(id)]?.value;
    return task?.id === id ? task : undefined;
  }

  add(task: Task): void {
    this.#slots[this.#at(task.id)] = this.#byAge.add(task);
    if (this.size * 2 > this.#slots.length) this.#grow();
  }

  remove(task: Task): void {
    const at = this.#at(task.id);
    const link = this.#slots[at];
    if (link?.value !== task) return;
    link.leave();
    this.#slots[at] = undefined;
    if (this.size === 0 && this.#slots.length > LEAST) this.#slots = empty(LEAST);
  }

  /** Those whose slots differ by their last bits do so by one more. */
  #grow(): void {
    const before = this.#slots;
    this.#slots = empty(2 * before.length);
    for (const link of before) if (link !== undefined) this.#slots[this.#at(link.value.id)] = link;
  }

  /** The oldest first; those that are there now, whoever is over meanwhile. */
  all(): Task[] {
    return this.#byAge.all();
  }

  /** The same of the oldest so many at this stage. */
  oldest(count: number, stage: number): Task[] {
    return this.#byAge.first(count, (task) => task.stage === stage);
  }
}

function empty(length: number): undefined[] {
  return new Array<undefined>(length).fill(undefined);
}
