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

export class Answer extends Promise<unknown> implements AsyncIterableIterator<unknown> {
  #steps: Promise<Steps> | undefined;

  /** What is made of it is an ordinary promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of(promise: Promise<unknown>): Answer {
    return new Answer((resolve, reject) => promise.then(resolve, reject));
  }

  async #step(name: 'next' | 'return' | 'throw', args: unknown[]): Promise<Result> {
    this.#steps ??= this.then(iteratorOf);
    const steps = await this.#steps;
    const step = steps[name] as ((...args: unknown[]) => Result | Promise<Result>) | undefined;
    if (step !== undefined) return step.apply(steps, args);
    if (name === 'throw') throw args[0];
    return { done: true, value: args[0] };
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
