// The values of a task that is iterated, on their way to the loop that consumes them: a few ahead, and no more.
//
// Guarantees:
// - values come in their order, and then the end, or an error once; after that it is over;
// - what was read ahead is dropped when the loop has left, and when the iteration is given up or its pool closed.
import { AHEAD, Mode } from '../channel/errands.js';
import type { Pool } from '../pool/pool.js';
import type { Task, TaskOptions } from '../pool/task.js';
import { isTraced, traced } from './trace.js';

interface Waiting {
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

export class Feed implements AsyncIterableIterator<unknown> {
  readonly #start: () => Promise<unknown>;
  readonly #pool: Pool;
  readonly #values: unknown[] = [];
  readonly #waiting: Waiting[] = [];
  #task: Task | undefined;
  /** The loop wants no more. */
  #isLeft = false;
  #over: Promise<unknown> | undefined;
  #end: { readonly ok: boolean; readonly value: unknown } | undefined;
  /** Values that the worker may still send. */
  #credit = AHEAD;

  constructor(
    pool: Pool,
    begin: () => number,
    what: string,
    args: readonly unknown[],
    options: TaskOptions | undefined,
  ) {
    this.#pool = pool;
    const start = (all: TaskOptions | undefined): Promise<unknown> =>
      pool.run(begin(), what, args, all, Mode.each, (value) => this.#push(value), {
        began: (_pool, task) => {
          this.#task = task;
        },
      });
    this.#start = () =>
      isTraced() ? traced(what, async (trace) => start({ ...options, trace })) : start(options);
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#isLeft) return this.#left(undefined);
    this.#begin();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#task !== undefined) this.#pool.awaits(this.#task, true);
      this.#serve();
    });
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#values.length = 0;
    if (!this.#isLeft) {
      this.#isLeft = true;
      if (this.#task !== undefined && this.#end === undefined) {
        this.#pool.awaits(this.#task, true);
        this.#pool.leave(this.#task);
      }
    }
    return this.#left(value);
  }

  /** The source's own `throw()` would come too late, for it is some values ahead: it is left, and this is the error. */
  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #left(value: unknown): Promise<IteratorResult<unknown>> {
    await this.#over;
    return { done: true, value };
  }

  #begin(): void {
    if (this.#over !== undefined) return;
    let started: Promise<unknown>;
    try {
      started = this.#start();
    } catch (error) {
      started = Promise.reject(error);
    }
    this.#over = started.then(
      (value) => this.#finish(true, value),
      (error: unknown) => this.#finish(false, error),
    );
  }

  #ask(): void {
    const more = AHEAD - this.#credit - this.#values.length;
    // Half of it at once: an errand for each value would cost more than the value.
    if (this.#task === undefined || this.#end !== undefined || this.#isLeft || more < AHEAD / 2) return;
    this.#credit += more;
    this.#pool.want(this.#task, more);
  }

  #push(value: unknown): void {
    // Who had asked before the loop was left is given it.
    if (this.#isLeft && this.#waiting.length === 0) return;
    this.#values.push(value);
    this.#credit--;
    this.#serve();
  }

  #finish(ok: boolean, value: unknown): void {
    this.#end = { ok, value };
    this.#serve();
  }

  #serve(): void {
    if (this.#task?.isCutOff === true) this.#values.length = 0;
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting[0] as Waiting;
      if (this.#values.length > 0) waiting.resolve({ done: false, value: this.#values.shift() });
      else if (this.#end === undefined) break;
      else if (this.#end.ok) {
        waiting.resolve({ done: true, value: this.#end.value });
        this.#end = { ok: true, value: undefined };
      } else {
        waiting.reject(this.#end.value);
        this.#end = { ok: true, value: undefined };
      }
      this.#waiting.shift();
    }
    // One that nobody waits for does not keep the process alive.
    if (this.#task !== undefined && this.#waiting.length === 0 && !this.#isLeft)
      this.#pool.awaits(this.#task, false);
    this.#ask();
  }
}
