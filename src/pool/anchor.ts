/** Keeps the process alive as long as somebody waits for something. */
export class Anchor {
  // Far more than any wait: it does nothing when it fires.
  readonly #timer = setInterval(() => {}, 0x7fffffff).unref();
  #count = 0;

  hold(): void {
    if (this.#count++ === 0) this.#timer.ref();
  }

  release(): void {
    if (--this.#count === 0) this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
