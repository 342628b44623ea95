// What a callback gives that runs on while this thread works: a promise, and whether anybody has awaited it. A sync
// function that takes the promise for a value would go on with nonsense, so its call is told instead.

export class Detached implements PromiseLike<unknown> {
  readonly number: number;
  /** Then nobody awaits it. */
  isListener = false;
  readonly #promise: Promise<unknown>;
  #settle!: { resolve: (value: unknown) => void; reject: (error: unknown) => void };
  #awaited = false;

  constructor(number: number) {
    this.number = number;
    this.#promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#promise.catch(() => {});
  }

  get isAwaited(): boolean {
    return this.#awaited;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaited by whoever knows what it is given.
  then<A, B>(
    done?: ((value: unknown) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#awaited = true;
    return this.#promise.then(done, failed) as Promise<A | B>;
  }

  catch<B>(failed: (error: unknown) => B | PromiseLike<B>): Promise<unknown> {
    return this.then(undefined, failed);
  }

  finally(done: () => void): Promise<unknown> {
    this.#awaited = true;
    return this.#promise.finally(done);
  }

  settle(ok: boolean, value: unknown): void {
    if (ok) this.#settle.resolve(value);
    else this.#settle.reject(value);
  }
}
