// Which of the tasks that a process was sent it has begun, and which it was told not to begin. Its main thread claims each before it
// runs it; its lane, a thread that hears while the main one works, recalls what the pool wants back. The process's own memory.
//
// Guarantee: a task is claimed, or recalled, and never both.

/** The most that two numbers on their way may be apart. */
export const IN_FLIGHT = 64;

const LAST = 2 ** 28;

/** The number after this one, the first of all being 1; numbers begin anew before they outgrow their words. */
export function nextNumber(last: number): number {
  return last === LAST - 1 ? 1 : last + 1;
}

/** How far `a` is ahead of `b`. */
export function distance(a: number, b: number): number {
  return ((a - b + LAST * 1.5) % LAST) - LAST / 2;
}

const CLAIMED = 0;
const RECALLED = 1;

/** Each word has the last number that was decided in it, and how. */
export class Claims {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(IN_FLIGHT * 4)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** The main thread begins this task; false if it was recalled. */
  claim(number: number): boolean {
    return this.#decide(number, CLAIMED);
  }

  /** The lane keeps it from beginning; false if it has begun, or was recalled before. */
  recall(number: number): boolean {
    return this.#decide(number, RECALLED);
  }

  #decide(number: number, how: number): boolean {
    const at = number % IN_FLIGHT;
    for (;;) {
      const now = Atomics.load(this.#words, at);
      const decided = now !== 0 && distance(now >> 1, number) >= 0;
      if (decided) return false;
      if (Atomics.compareExchange(this.#words, at, now, number * 2 + how) === now) return true;
    }
  }
}
