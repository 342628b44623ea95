// The signals of tasks: however many tasks have the same one, it is listened to once.
import { type Link, Ring } from '../ring.js';
import type { Task } from './task.js';

/** Who is to give a task up. */
export type GiveUp = (task: Task, reason: unknown) => void;

/** A task that watches a signal, until it leaves. */
export class Watch {
  readonly #watched: Watched;
  readonly #task: Task;
  readonly #giveUp: GiveUp;
  readonly #link: Link<Watch>;

  constructor(signal: AbortSignal, task: Task, giveUp: GiveUp) {
    this.#watched = Marked.watched(signal);
    this.#task = task;
    this.#giveUp = giveUp;
    this.#link = this.#watched.add(this);
  }

  aborted(reason: unknown): void {
    this.#giveUp(this.#task, reason);
  }

  leave(): void {
    this.#watched.remove(this.#link);
  }
}

/** What a signal's tasks are told by. */
class Watched {
  readonly #signal: AbortSignal;
  readonly #all = new Ring<Watch>();
  readonly #onAbort = (): void => {
    for (const watch of this.#all.all()) watch.aborted(this.#signal.reason);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(watch: Watch): Link<Watch> {
    if (this.#all.size === 0) this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    return this.#all.add(watch);
  }

  remove(link: Link<Watch>): void {
    link.leave();
    if (this.#all.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

/**
 * Gives a signal a field of this house's, as a class's constructor gives one to whatever object its base's returns. A Map of signals would
 * be what a Ring is not, and each entry of a WeakMap costs the garbage collector time.
 */
class Signal {
  constructor(signal: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the object that gets the field.
    return signal;
  }
}

class Marked extends Signal {
  #watched: Watched | undefined;

  static watched(signal: AbortSignal): Watched {
    const marked = (#watched in signal ? signal : new Marked(signal)) as Marked;
    marked.#watched ??= new Watched(signal);
    return marked.#watched;
  }
}
