// What a call of an async face gives at once: a promise and, because a method that gives an iterator cannot be told from
// one that does not before it has answered, an async iterator of what it will give.

type Result = IteratorResult<unknown>;
type Steps = Partial<AsyncIterator<unknown>>;

function iteratorOf(value: unknown): Steps {
  const from = Object(value) as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const open = from[Symbol.asyncIterator] ?? from[Symbol.iterator];
  if (typeof open !== 'function') throw new TypeError(`The call gave ${typeof value}, which is no iterable`);
  return (open as () => Steps).call(value);
}

/** Is told of each step that waits for the call. */
type Hold = (step: Promise<unknown>) => void;

async function stepOf(steps: Steps, name: 'next' | 'return' | 'throw', args: unknown[]): Promise<Result> {
  const step = steps[name] as ((...args: unknown[]) => Result | Promise<Result>) | undefined;
  if (step !== undefined) return step.apply(steps, args);
  if (name === 'throw') throw args[0];
  return { done: true, value: args[0] };
}

export class Answer extends Promise<unknown> implements AsyncIterableIterator<unknown> {
  #hold: Hold | undefined;
  #steps: Promise<Steps> | undefined;
  #found: Steps | undefined;

  /** What is made of it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of(promise: Promise<unknown>, hold?: Hold): Answer {
    const answer = new Answer((resolve, reject) => promise.then(resolve, reject));
    answer.#hold = hold;
    return answer;
  }

  #step(name: 'next' | 'return' | 'throw', args: unknown[]): Promise<Result> {
    // At once, for what is called after it comes after it.
    if (this.#found !== undefined) return stepOf(this.#found, name, args);
    this.#steps ??= this.then((value) => {
      this.#found = iteratorOf(value);
      return this.#found;
    });
    const step = this.#steps.then((steps) => stepOf(steps, name, args));
    this.#hold?.(step);
    return step;
  }

  next(...args: unknown[]): Promise<Result> {
    return this.#step('next', args);
  }

  return(...args: unknown[]): Promise<Result> {
    return this.#step('return', args);
  }

  throw(...args: unknown[]): Promise<Result> {
    return this.#step('throw', args);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
