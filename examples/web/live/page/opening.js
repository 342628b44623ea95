// For somebody who only looks: the tour starts by itself, once.

/** ms without any input after which it does. */
const PAUSE = 2000;

/** From here on somebody is at work, who needs no opening. */
const signs = ['pointerdown', 'touchstart', 'wheel', 'keydown', 'input'];

const isUnwanted = () =>
  new URLSearchParams(location.search).has('still') || matchMedia('(prefers-reduced-motion: reduce)').matches;

export class Opening {
  #isOver = isUnwanted();
  #began;
  #start;

  constructor(start) {
    this.#start = start;
    for (const sign of signs) addEventListener(sign, () => this.end(), { capture: true, passive: true });
  }

  end() {
    this.#isOver = true;
  }

  /** `isUntouched`: there was no load yet, from no page. Gives the ms that are left; undefined if it does not start. */
  look(isUntouched) {
    if (!isUntouched) this.end();
    if (this.#isOver) return undefined;
    if (document.hidden) {
      this.#began = undefined;
      return undefined;
    }
    this.#began ??= performance.now();
    const left = this.#began + PAUSE - performance.now();
    if (left > 0) return left;
    this.end();
    this.#start();
    return undefined;
  }
}
