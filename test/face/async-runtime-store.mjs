// A blocking class for every runtime.
import { checkCancelled } from '../../dist/index.js';

class Row {
  #value;
  constructor(value) {
    this.#value = value;
  }
  value() {
    return this.#value;
  }
}

export class Store {
  #rows = [];
  #row;
  label = '';
  left = 0;
  constructor(name) {
    this.name = name;
  }
  add(row) {
    return this.#rows.push(row);
  }
  get size() {
    return this.#rows.length;
  }
  row(value) {
    this.#row ??= new Row(value);
    return this.#row;
  }
  isRow(row) {
    return row === this.#row;
  }
  *numbers(to) {
    try {
      for (let i = 0; i < to; i++) yield i;
    } finally {
      this.left++;
    }
  }
  map(fn) {
    return [1, 2].map(fn);
  }
  fail() {
    throw Object.assign(new TypeError('failed'), { code: 'E_MINE' });
  }
  spin() {
    for (;;) checkCancelled();
  }
  exit() {
    process.exit(3);
  }
}

export const nameOf = (store, more) => store.name + more;
export const double = (x) => x * 2;
