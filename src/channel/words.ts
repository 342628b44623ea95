// The words that two threads share.
//
// Guarantees:
// - a message is published by one change of its box's word, and the other side is notified after the change;
// - a box has one owner at a time: who finds it empty may write, who finds it full may read, and either first takes it;
// - every sleep has an end of its own, and all three answers of Atomics.wait lead back to looking at the word.

import { clock } from '../clock.js';

const EMPTY = 0;
const FULL = 1;
const BUSY = 2;

/** Bytes of a message that fit into a box; what is larger goes through the port. */
export const BOX_BYTES = 64 * 1024;

const WORDS = 16;
const CALL = 2;
const ABORTED = 3;
const HEARD = 4;
const LISTENING = 5;
const STATE = 6;
const THREAD = 7;
const EXIT = 8;
const BEGUN = 9;
const LOOKS = 10;
const SCOPE = 11;
const LIMITED = 12;
const INNER = 13;
const INNER_SCOPE = 14;
const ABANDONED = 15;

/** What has become of the service thread. */
export const State = { starting: 0, ready: 1, gone: 2 } as const;

/** One direction of a channel: a word, and room for the bytes of one message. */
export class Box {
  readonly bytes: Buffer;
  readonly #words: Int32Array;
  readonly #at: number;

  constructor(memory: SharedArrayBuffer, words: Int32Array, at: number) {
    this.bytes = Buffer.from(memory, WORDS * 4 + at * BOX_BYTES, BOX_BYTES);
    this.#words = words;
    this.#at = at;
  }

  /** Takes the box to write into it; a message that nobody has read is given up, for its reader is gone. */
  claim(): boolean {
    if (Atomics.compareExchange(this.#words, this.#at, EMPTY, BUSY) === EMPTY) return true;
    return Atomics.compareExchange(this.#words, this.#at, FULL, BUSY) === FULL;
  }

  /** The message is whole. */
  publish(): void {
    Atomics.store(this.#words, this.#at, FULL);
    Atomics.notify(this.#words, this.#at);
  }

  /** Takes the box to read it, when there is a message. */
  take(): boolean {
    return Atomics.compareExchange(this.#words, this.#at, FULL, BUSY) === FULL;
  }

  /** The message was read. */
  release(): void {
    Atomics.store(this.#words, this.#at, EMPTY);
  }

  full(): boolean {
    return Atomics.load(this.#words, this.#at) === FULL;
  }

  /** Looks, then sleeps `ms` at most, until there may be a message. */
  wait(ms: number): void {
    if (!this.look()) this.sleep(ms);
  }

  /** Looks for a message as often as is worth while; is there one? */
  look(): boolean {
    const words = this.#words;
    const at = this.#at;
    for (let left = Atomics.load(words, LOOKS); left > 0; left--) {
      if (Atomics.load(words, at) === FULL) return true;
    }
    return false;
  }

  /** Sleeps `ms` at most, until there may be a message. */
  sleep(ms: number): void {
    const words = this.#words;
    const at = this.#at;
    Atomics.wait(words, at, Atomics.load(words, at) === FULL ? BUSY : EMPTY, ms);
  }

  /** Wakes whoever waits, for the state has changed. */
  wake(): void {
    Atomics.notify(this.#words, this.#at);
  }
}

/** All that a caller and its service thread share. */
export class Words {
  readonly memory: SharedArrayBuffer;
  /** Messages to the caller. */
  readonly up: Box;
  /** Messages to the service thread. */
  readonly down: Box;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4 + 2 * BOX_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.up = new Box(memory, this.#words, 0);
    this.down = new Box(memory, this.#words, 1);
  }

  /** The call that the caller waits for; 0 when it waits for none. */
  get call(): number {
    return Atomics.load(this.#words, CALL);
  }
  set call(id: number) {
    Atomics.store(this.#words, CALL, id);
  }

  /** The scope of that call: whose functions can be called back (see protocol.ts). */
  get scope(): number {
    return Atomics.load(this.#words, SCOPE);
  }
  set scope(id: number) {
    Atomics.store(this.#words, SCOPE, id);
  }

  /** The call that a callback of that call waits for, and its scope; 0 when there is none. */
  get inner(): number {
    return Atomics.load(this.#words, INNER);
  }
  set inner(id: number) {
    Atomics.store(this.#words, INNER, id);
  }
  get innerScope(): number {
    return Atomics.load(this.#words, INNER_SCOPE);
  }
  set innerScope(id: number) {
    Atomics.store(this.#words, INNER_SCOPE, id);
  }

  /** Does the caller wait for this call? */
  waitsFor(id: number): boolean {
    return this.call === id || this.inner === id;
  }

  /** Has that call a timeout? */
  get limited(): boolean {
    return Atomics.load(this.#words, LIMITED) === 1;
  }
  set limited(on: boolean) {
    Atomics.store(this.#words, LIMITED, on ? 1 : 0);
  }

  /** How often both sides look before they sleep. */
  set looks(count: number) {
    Atomics.store(this.#words, LOOKS, count);
  }

  /** The last call that the service thread has begun. */
  get begun(): number {
    return Atomics.load(this.#words, BEGUN);
  }
  set begun(id: number) {
    Atomics.store(this.#words, BEGUN, id);
  }

  /** How many calls go on there whose callers have given up. */
  get abandoned(): number {
    return Atomics.load(this.#words, ABANDONED);
  }
  set abandoned(count: number) {
    Atomics.store(this.#words, ABANDONED, count);
  }

  /** The last call that its caller has given up. */
  get aborted(): number {
    return Atomics.load(this.#words, ABORTED);
  }
  set aborted(id: number) {
    Atomics.store(this.#words, ABORTED, id);
  }

  /** The last given-up call that the service thread's loop has heard of. */
  get heard(): number {
    return Atomics.load(this.#words, HEARD);
  }
  set heard(id: number) {
    Atomics.store(this.#words, HEARD, id);
    Atomics.notify(this.#words, HEARD);
  }

  /** Does the service thread look at its box? Else it is in its event loop and has to be woken through the port. */
  get listening(): boolean {
    return Atomics.load(this.#words, LISTENING) === 1;
  }
  set listening(on: boolean) {
    Atomics.store(this.#words, LISTENING, on ? 1 : 0);
  }

  get state(): number {
    return Atomics.load(this.#words, STATE);
  }
  set state(state: number) {
    Atomics.store(this.#words, STATE, state);
    Atomics.notify(this.#words, STATE);
    this.up.wake();
  }

  /** Sleeps `ms` at most, until the other side has read what is in `up`, or waits no longer. */
  waitUntilRead(ms: number): void {
    const end = clock() + ms;
    while (this.up.full() && this.call !== 0 && clock() < end) {
      Atomics.wait(this.#words, STATE, this.state, 1);
    }
  }

  /** Sleeps `ms` at most, until the service thread has read what is in `down`. */
  waitUntilTaken(ms: number): void {
    const end = clock() + ms;
    while (this.down.full() && this.state !== State.gone && clock() < end) {
      Atomics.wait(this.#words, STATE, this.state, 1);
    }
  }

  /** Sleeps `ms` at most, until the service thread's loop has heard that the call was given up. */
  waitUntilHeard(id: number, ms: number): boolean {
    const end = clock() + ms;
    for (;;) {
      const heard = this.heard;
      if (heard >= id) return true;
      const left = end - clock();
      if (left <= 0) return false;
      Atomics.wait(this.#words, HEARD, heard, left);
    }
  }

  /** The code that the service thread ended with. */
  get exitCode(): number {
    return Atomics.load(this.#words, EXIT);
  }
  set exitCode(code: number) {
    Atomics.store(this.#words, EXIT, code);
  }

  /** The system's number of the service thread; 0 where it is not known. */
  get thread(): number {
    return Atomics.load(this.#words, THREAD);
  }
  set thread(id: number) {
    Atomics.store(this.#words, THREAD, id);
  }
}
