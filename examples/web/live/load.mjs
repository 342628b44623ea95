// So many clients, each of which asks again when it has its answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker } from './asker.mjs';

/**
 * What the server says of an answer that took so many ms: where it was made, and how long that ran. The rest it has waited: for
 * a worker, for the loop, for calls of `run` that are nested above it.
 */
function pathOf(headers, ms) {
  const [, run, where] = /run;dur=([\d.]+);desc="([^"]*)"/.exec(headers['server-timing']);
  return { ms, where, runMs: Number(run), waitMs: Math.max(0, ms - Number(run)) };
}

export class Load {
  #asker;
  #onCall;
  #isOver = true;
  #clients = [];

  /** `onCall({ ms, where, waitMs, runMs })` for each answer, `onCall({ failed })` for each that is none. */
  constructor(address, onCall) {
    this.#asker = new Asker(address);
    this.#onCall = onCall;
  }

  start(path, clients) {
    this.#isOver = false;
    this.#clients = Array.from({ length: clients }, () => this.#client(path));
  }

  async #client(path) {
    while (!this.#isOver) {
      try {
        const { status, headers, ms, text } = await this.#asker.ask(path);
        if (status !== 200) throw new Error(`${status}: ${text.slice(0, 200)}`);
        this.#onCall(pathOf(headers, ms));
      } catch (error) {
        this.#onCall({ failed: error.message });
        await sleep(100);
      }
    }
  }

  /** No more calls; settles when all answers are there. */
  async stop() {
    this.#isOver = true;
    await Promise.all(this.#clients);
    this.#clients = [];
  }

  async close() {
    await this.stop();
    this.#asker.close();
  }
}
