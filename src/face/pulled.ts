// The async iterator that stands here for an iterator of another thread: it pulls values from there, some ahead.
//
// Guarantees:
// - nothing is read before it is asked for; then at most AHEAD values more than were consumed, and in a row: one, two, four...;
// - `return()` reaches the source and is waited for; steps are taken in the order of their calls;
// - a step that fails is the last one, and the source is closed;
// - an iterator that is spoken to (`next(value)`) is never read ahead.
import { AHEAD } from '../channel/errands.js';
import { InvalidArgumentError, ReleasedError } from '../errors.js';
import { type Caller, type CallOptions, type Operation, PULL, RETURN, STEP } from './caller.js';

type Result = IteratorResult<unknown>;

export class Pulled implements AsyncIterableIterator<unknown> {
  options: CallOptions;
  readonly #thread: Caller;
  readonly #id: number;
  readonly #what: string;
  #values: unknown[] = [];
  /** How many are asked for at once. */
  #most = 1;
  #isSpokenTo = false;
  #end: { readonly value: unknown } | undefined;
  /** Steps that are not over, and the last of them. */
  #steps = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(thread: Caller, id: number, name: string, options: CallOptions) {
    this.#thread = thread;
    this.#id = id;
    this.#what = name;
    this.options = options;
  }

  next(...args: unknown[]): Promise<Result> {
    return this.#inLine(() => this.#next(args));
  }

  return(value?: unknown): Promise<Result> {
    return this.#inLine(async () => {
      this.#values = [];
      if (this.#end !== undefined) return { done: true, value };
      try {
        return await this.#step('return', [value]);
      } catch (error) {
        // A thread that has ended has closed it.
        if (!(error instanceof ReleasedError)) throw error;
        return { done: true, value };
      }
    });
  }

  throw(error?: unknown): Promise<Result> {
    return this.#inLine(async () => {
      this.#values = [];
      if (this.#end !== undefined) throw error;
      return this.#step('throw', [error]);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The first one at once, for other calls may come after it; the others when that before them is over. */
  #inLine(step: () => Promise<Result>): Promise<Result> {
    const taken = this.#steps++ === 0 ? step() : this.#last.then(step);
    const over = (): void => {
      this.#steps--;
    };
    this.#last = taken.then(over, over);
    this.#thread.hold(this.#last);
    return taken;
  }

  async #next(args: readonly unknown[]): Promise<Result> {
    if (args.length > 0 && !this.#isSpokenTo) {
      if (this.#values.length > 0) {
        throw new InvalidArgumentError(
          `${this.#what}.next(value) comes too late: values were read ahead already. Give next() a value from its second call on.`,
        );
      }
      this.#isSpokenTo = true;
    }
    if (this.#values.length > 0) return { done: false, value: this.#values.shift() };
    if (this.#end !== undefined) {
      const { value } = this.#end;
      this.#end = { value: undefined };
      return { done: true, value };
    }
    if (this.#isSpokenTo) return this.#step('next', args);
    const most = this.#most;
    this.#most = Math.min(AHEAD, most * 2);
    const [done, values, returned] = (await this.#call(PULL, 'next', [most])) as [
      boolean,
      unknown[],
      unknown,
    ];
    if (done) this.#over(returned);
    this.#values = values;
    return this.#next([]);
  }

  async #step(name: 'next' | 'return' | 'throw', args: readonly unknown[]): Promise<Result> {
    const [done, value] = (await this.#call(name === 'return' ? RETURN : STEP, name, [name, ...args])) as [
      boolean,
      unknown,
    ];
    if (done) this.#over();
    return { done, value };
  }

  async #call(operation: Operation, name: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const what = `${this.#what}.${name}()`;
      const given = await this.#thread.call(operation, what, [this.#id, ...args], this.options);
      return this.#thread.seen(given, this.options);
    } catch (error) {
      // What was read meanwhile may be lost, so it does not go on; to let it go closes the source.
      this.#over();
      throw error;
    }
  }

  #over(value?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { value };
    this.#thread.release(this);
  }
}
