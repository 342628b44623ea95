// A task that is iterated: its values go to the caller, so many ahead and no more.
import { AHEAD, Errand, type ToPool } from '../channel/errands.js';
import { isObject } from '../channel/faceable.js';
import type { Outgoing } from '../channel/marks.js';
import { sendPacked } from '../channel/parcel.js';
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { CallInProgress } from './current.js';

type Iteration = Iterator<unknown> | AsyncIterator<unknown>;

export class Stream {
  readonly #task: number;
  readonly #name: string;
  readonly #post: (message: ToPool, moved?: readonly unknown[]) => void;
  readonly #outgoing: Outgoing;
  readonly #call: CallInProgress;
  #wanted = AHEAD;
  #isLeft = false;
  #wake: (() => void) | undefined;

  constructor(
    task: number,
    name: string,
    post: (message: ToPool, moved?: readonly unknown[]) => void,
    outgoing: Outgoing,
    call: CallInProgress,
  ) {
    this.#task = task;
    this.#name = name === '' ? 'The function' : name;
    this.#post = post;
    this.#outgoing = outgoing;
    this.#call = call;
  }

  /** The caller wants so many more values; with none it has left, and `return()` is called. */
  want(more: number): void {
    if (more === 0) this.#isLeft = true;
    this.#wanted += more;
    this.#wake?.();
  }

  /** Is it the caller's turn? */
  get waits(): boolean {
    return this.#wake !== undefined;
  }

  /** Iterates until the end, or until the caller has left. What the source returns. */
  async pump(given: unknown): Promise<unknown> {
    const iterator = this.#open(await given);
    for (;;) {
      while (this.#wanted === 0 && !this.#isLeft) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
      if (this.#isLeft || this.#call.isAborted) {
        await iterator.return?.();
        return undefined;
      }
      const { done, value } = await iterator.next();
      if (done === true) return value;
      this.#wanted--;
      try {
        sendPacked(await value, 'value', this.#outgoing, (packed, moved) =>
          this.#post([Errand.values, this.#task, packed], moved),
        );
      } catch (error) {
        await iterator.return?.();
        throw error;
      }
    }
  }

  #open(source: unknown): Iteration {
    const from = (isObject(source) ? source : {}) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
    const open = from[Symbol.asyncIterator] ?? from[Symbol.iterator];
    if (typeof open === 'function') return (open as () => Iteration).call(source);
    throw new InvalidArgumentError(`${this.#name} gave ${describe(source)}, which is no iterable.`);
  }
}
