// The signals of tasks: however many tasks have the same one, it is listened to once.
import type { Task } from './task.js';

interface Watched {
  readonly tasks: Set<Task>;
  readonly onAbort: () => void;
}

export class Signals {
  readonly #watched = new Map<AbortSignal, Watched>();
  readonly #giveUp: (task: Task, reason: unknown) => void;

  constructor(giveUp: (task: Task, reason: unknown) => void) {
    this.#giveUp = giveUp;
  }

  watch(signal: AbortSignal, task: Task): void {
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      const tasks = new Set<Task>();
      const onAbort = (): void => {
        this.#watched.delete(signal);
        for (const each of tasks) this.#giveUp(each, signal.reason);
      };
      watched = { tasks, onAbort };
      this.#watched.set(signal, watched);
      signal.addEventListener('abort', onAbort, { once: true });
    }
    watched.tasks.add(task);
  }

  leave(signal: AbortSignal, task: Task): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined || !watched.tasks.delete(task) || watched.tasks.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', watched.onAbort);
  }
}
