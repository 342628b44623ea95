// Asks /ping again and again, one at a time, and knows how long the present one has waited.
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker } from './asker.mjs';

/** ms between an answer and the next question. */
export const PAUSE = 20;

export class Ping {
  #asker;
  #asked;
  #isOver = false;

  /** `onAnswer({ ms, asked })`: what it took, and when it was asked. */
  constructor(address, onAnswer) {
    this.#asker = new Asker(address);
    this.#ask(onAnswer);
  }

  async #ask(onAnswer) {
    while (!this.#isOver) {
      this.#asked = performance.now();
      const answer = await this.#asker.ask('ping').catch(() => undefined);
      // No answer is no number: until there is one again, `waited` grows.
      if (answer?.status === 200) onAnswer({ ms: answer.ms, asked: this.#asked });
      this.#asked = undefined;
      await sleep(PAUSE);
    }
  }

  /** ms that the present one has waited for its answer. */
  get waited() {
    return this.#asked === undefined ? 0 : performance.now() - this.#asked;
  }

  close() {
    this.#isOver = true;
    this.#asker.close();
  }
}
