// What users' classes have besides, for the tests of async faces.
import * as namespace from './async-things.mjs';

export class Part {
  spin() {
    for (;;);
  }
  value() {
    return 1;
  }
}

export class Thing {
  #part = new Part();
  disposed = 0;
  handler = undefined;
  add(a, b) {
    return a + b;
  }
  take(...values) {
    return values.length;
  }
  fail() {
    throw new RangeError('mine');
  }
  spin() {
    for (;;);
  }
  part() {
    return this.#part;
  }
  parts() {
    return { list: [this.#part], byName: new Map([['part', this.#part]]), all: new Set([this.#part]) };
  }
  *eachPart(to) {
    for (let i = 0; i < to; i++) yield this.#part;
  }
  *numbers(to) {
    for (let i = 0; i < to; i++) yield i;
  }
  module() {
    return namespace;
  }
  wordsOf(memory) {
    this.words = new Int32Array(memory);
  }
  block() {
    Atomics.store(this.words, 1, 1);
    Atomics.wait(this.words, 0, 0);
  }
  toString() {
    return 'a thing';
  }
  toJSON() {
    return 'a thing';
  }
  [Symbol.dispose]() {
    if (this.words) Atomics.add(this.words, 2, 1);
  }
}

/** Its disposal never ends, though it could. */
export class Hanging {
  note() {
    return 'noted';
  }
  [Symbol.asyncDispose]() {
    return new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  }
}

/** Making it takes as long as the caller likes. */
export class Slow {
  constructor(memory) {
    const words = new Int32Array(memory);
    Atomics.store(words, 1, 1);
    for (;;) Atomics.wait(words, 0, 0, 1000);
  }
  note() {}
}

class Hidden {
  constructor(x) {
    this.x = x;
  }
  note() {}
}
export const hiddenClass = () => Hidden;
export const addTo = (thing, a, b) => thing.add(a, b);
export const partOf = (thing) => thing.part();
export const ask = () => 0;
