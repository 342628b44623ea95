// The memory that a pool and its workers share: a line of tasks from which each idle worker takes the oldest one itself,
// and a ring of answers for each worker. See words.ts for those of a caller and its service thread.
//
// Guarantees:
// - a task is taken by one worker, in one step that also says by which; until then the pool can take it back;
// - tasks are taken in the order in which they were put there;
// - a worker that calls itself idle looks once more before it sleeps, and the pool calls an idle one after it has put a
//   task there: between the two of them no task is overlooked;
// - every sleep has an end of its own.
import type { Inbox, Outbox } from './link.js';

/** Bytes of one message; what is larger goes through a port. */
const SLOT_BYTES = 2048;
/** Tasks that can wait in the line. */
const LINE = 128;
/** Answers that can wait for each worker's pool to read them. */
const ANSWERS = 128;

/** What a slot holds: nothing, something that is being written, a task, or one that a worker has taken (TAKEN + worker). */
const EMPTY = 0;
const WRITING = 1;
const FULL = 2;
const TAKEN = 3;

/**
 * What a worker does. Who wakes a sleeping one, or one that is in its event loop, notes that by `called`; who keeps it for a
 * task of its own by `reserved`, and by `given` when that is on the board.
 */
export const Doing = {
  starting: 0,
  busy: 1,
  asleep: 2,
  looping: 3,
  called: 4,
  reserved: 5,
  given: 6,
} as const;

// Words of the pool, and then, for each slot of the line, its state, its task and for which worker it is.
const HEAD = 0;
const TAIL = 1;
const RINGS = 2;
const ASKS = 3;
const SLOTS = 4;
const SLOT_WORDS = 3;
const WORDS = SLOTS + LINE * SLOT_WORDS;

// Words of a worker.
const DOING = 0;
const TASK = 1;
const ABORTED = 2;
const FIRST = 3;
const LAST = 4;
const STUCK = 5;
const REPLIES = 6;
const SEAT_WORDS = 8;

const ANY = -1;
const LOOKS = 12_000;

/** The line of tasks. */
export class Board {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #slots: Buffer[];
  /** Which task each slot holds is known to the pool alone. */
  #written = -1;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4 + LINE * SLOT_BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#slots = Array.from({ length: LINE }, (_, i) =>
      Buffer.from(memory, WORDS * 4 + i * SLOT_BYTES, SLOT_BYTES),
    );
  }

  #state(slot: number): number {
    return SLOTS + slot * SLOT_WORDS;
  }

  /** Tasks in the line that nobody has taken, or a few more. */
  get waiting(): number {
    return (Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) | 0;
  }

  // The pool's side -------------------------------------------------------------------------------------------------

  /** The room for a task of one worker's own, as a link sends through it; `task` is asked for when it is put there. */
  outward(worker: number, task: () => number): Outbox {
    const room = {
      bytes: this.#slots[0] as Buffer,
      claim: () => {
        const bytes = this.open();
        if (bytes !== undefined) room.bytes = bytes;
        return bytes !== undefined;
      },
      publish: () => void this.put(task(), worker),
      release: () => this.close(),
    };
    return room;
  }

  /** The room for the next task; undefined while the line is full. */
  open(): Buffer | undefined {
    const slot = (Atomics.load(this.#words, TAIL) >>> 0) % LINE;
    if (Atomics.compareExchange(this.#words, this.#state(slot), EMPTY, WRITING) !== EMPTY) return undefined;
    this.#written = slot;
    return this.#slots[slot];
  }

  /** Puts what was written there into the line. The slot. */
  put(task: number, worker = ANY): number {
    const slot = this.#written;
    const state = this.#state(slot);
    Atomics.store(this.#words, state + 1, task);
    Atomics.store(this.#words, state + 2, worker);
    Atomics.store(this.#words, state, FULL);
    Atomics.add(this.#words, TAIL, 1);
    return slot;
  }

  /** What was opened is not needed. */
  close(): void {
    Atomics.store(this.#words, this.#state(this.#written), EMPTY);
  }

  /** Takes a task back that no worker has taken; whether it did. */
  takeBack(slot: number, task: number): boolean {
    const state = this.#state(slot);
    if (Atomics.load(this.#words, state + 1) !== task) return false;
    if (Atomics.compareExchange(this.#words, state, FULL, WRITING) !== FULL) return false;
    // Only the pool writes tasks, so it is still the same.
    Atomics.store(this.#words, state, EMPTY);
    return true;
  }

  /** Tasks that a worker had taken and not begun when it died; their slots are free again. */
  leftBy(worker: number): number[] {
    const left: number[] = [];
    for (let slot = 0; slot < LINE; slot++) {
      const state = this.#state(slot);
      const now = Atomics.load(this.#words, state);
      if (now !== TAKEN + worker && !(now === FULL && Atomics.load(this.#words, state + 2) === worker))
        continue;
      left.push(Atomics.load(this.#words, state + 1));
      Atomics.store(this.#words, state, EMPTY);
    }
    return left;
  }

  /** Are answers announced already? Whoever gets `false` has to announce them. */
  announce(): boolean {
    return Atomics.exchange(this.#words, RINGS, 1) === 1;
  }

  /** Does the pool want to hear of idle workers? It has a task that only an idle one can be given. */
  get asks(): boolean {
    return Atomics.load(this.#words, ASKS) === 1;
  }
  set asks(on: boolean) {
    Atomics.store(this.#words, ASKS, on ? 1 : 0);
  }

  /** From here on answers are announced again. */
  hear(): void {
    Atomics.store(this.#words, RINGS, 0);
  }

  // A worker's side -------------------------------------------------------------------------------------------------

  /** A worker's end of the line: what it takes is noted as begun before the slot is free again. */
  inward(seat: Seat): Inbox {
    let slot = -1;
    const room = {
      bytes: this.#slots[0] as Buffer,
      take: () => {
        const isKept = !seat.rise();
        slot = this.#take(seat.worker, isKept);
        if (slot === -1) return false;
        if (isKept) seat.doing = Doing.busy;
        seat.task = Atomics.load(this.#words, this.#state(slot) + 1);
        room.bytes = this.#slots[slot] as Buffer;
        return true;
      },
      release: () => Atomics.store(this.#words, this.#state(slot), EMPTY),
    };
    return room;
  }

  /** Takes the oldest task, of one's own only if so asked: its slot, or -1. */
  #take(worker: number, ownOnly: boolean): number {
    const words = this.#words;
    const tail = Atomics.load(words, TAIL);
    for (let at = Atomics.load(words, HEAD); ((tail - at) | 0) > 0; at = (at + 1) | 0) {
      const slot = (at >>> 0) % LINE;
      const state = this.#state(slot);
      const now = Atomics.load(words, state);
      if (now === FULL) {
        const owner = Atomics.load(words, state + 2);
        const mine = owner === worker || (owner === ANY && !ownOnly);
        if (mine && Atomics.compareExchange(words, state, FULL, TAKEN + worker) === FULL) {
          Atomics.compareExchange(words, HEAD, at, (at + 1) | 0);
          return slot;
        }
        if (mine) Atomics.compareExchange(words, HEAD, at, (at + 1) | 0);
      } else Atomics.compareExchange(words, HEAD, at, (at + 1) | 0);
    }
    return -1;
  }

  /** Is there a task that this worker may take? */
  offers(worker: number): boolean {
    const words = this.#words;
    const tail = Atomics.load(words, TAIL);
    for (let at = Atomics.load(words, HEAD); ((tail - at) | 0) > 0; at = (at + 1) | 0) {
      const state = this.#state((at >>> 0) % LINE);
      if (Atomics.load(words, state) !== FULL) continue;
      const owner = Atomics.load(words, state + 2);
      if (owner === ANY || owner === worker) return true;
    }
    return false;
  }
}

/** What a pool and one of its workers share. */
export class Seat {
  readonly memory: SharedArrayBuffer;
  readonly worker: number;
  readonly #words: Int32Array;
  readonly #slots: Buffer[];

  constructor(
    worker: number,
    memory: SharedArrayBuffer = new SharedArrayBuffer(SEAT_WORDS * 4 + ANSWERS * SLOT_BYTES),
  ) {
    this.worker = worker;
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, SEAT_WORDS);
    this.#slots = Array.from({ length: ANSWERS }, (_, i) =>
      Buffer.from(memory, SEAT_WORDS * 4 + i * SLOT_BYTES, SLOT_BYTES),
    );
  }

  get doing(): number {
    return Atomics.load(this.#words, DOING);
  }
  set doing(what: number) {
    Atomics.store(this.#words, DOING, what);
  }

  /** The pool: calls the worker if it is idle, or keeps it for a task of its own. What it was doing, if it was idle. */
  call(as: typeof Doing.called | typeof Doing.reserved): number | undefined {
    for (const idle of [Doing.asleep, Doing.looping]) {
      if (Atomics.compareExchange(this.#words, DOING, idle, as) === idle) return idle;
    }
    return undefined;
  }

  wake(): void {
    Atomics.notify(this.#words, DOING);
  }

  /** The worker: is busy from now on, unless it is kept for a task of its own. */
  rise(): boolean {
    for (;;) {
      const now = this.doing;
      if (now === Doing.reserved || now === Doing.given) return false;
      if (Atomics.compareExchange(this.#words, DOING, now, Doing.busy) === now) return true;
    }
  }

  /** The worker: from asleep to looping, unless it was called meanwhile. */
  loop(): boolean {
    return Atomics.compareExchange(this.#words, DOING, Doing.asleep, Doing.looping) === Doing.asleep;
  }

  /** The pool: what a reserved worker is kept for is on the board. */
  give(): void {
    Atomics.compareExchange(this.#words, DOING, Doing.reserved, Doing.given);
  }

  /** The worker: looks for a while whether it is still this that it does. It takes some 50 µs, and a sleep and its wake-up 10 to 60. */
  look(doing: number): boolean {
    const words = this.#words;
    for (let i = 0; i < LOOKS; i++) if (Atomics.load(words, DOING) !== doing) return true;
    return false;
  }

  /** The worker: sleeps `ms` at most, while it is this that it does. */
  sleep(doing: number, ms: number): void {
    Atomics.wait(this.#words, DOING, doing, ms);
  }

  /** The task that the worker has begun last, and has not answered; 0 for none. */
  get task(): number {
    return Atomics.load(this.#words, TASK);
  }
  set task(id: number) {
    Atomics.store(this.#words, TASK, id);
  }

  /** The last task whose caller has given up. */
  get aborted(): number {
    return Atomics.load(this.#words, ABORTED);
  }
  set aborted(id: number) {
    Atomics.store(this.#words, ABORTED, id);
  }

  /** How many replies the pool has posted to a worker that sleeps for one. */
  get replies(): number {
    return Atomics.load(this.#words, REPLIES);
  }

  /** The pool: a reply was posted. */
  replied(): void {
    Atomics.add(this.#words, REPLIES, 1);
    Atomics.notify(this.#words, REPLIES);
  }

  /** The worker: sleeps `ms` at most, until there are more replies than it has seen. */
  waitForReply(seen: number, ms: number): void {
    Atomics.wait(this.#words, REPLIES, seen, ms);
  }

  /** The worker: sleeps `ms` at most, while its answers are not read. */
  waitForRoom(ms: number): void {
    const words = this.#words;
    // Said before it looks, so that either it sees the room or the pool sees that it waits for some.
    Atomics.store(words, STUCK, 1);
    const first = Atomics.load(words, FIRST);
    if (((Atomics.load(words, LAST) - first) | 0) >= ANSWERS) Atomics.wait(words, FIRST, first, ms);
    Atomics.store(words, STUCK, 0);
  }

  /** The worker's end of the ring of answers. */
  outward(): Outbox {
    const words = this.#words;
    const slots = this.#slots;
    const room = {
      bytes: slots[0] as Buffer,
      claim: () => {
        const last = Atomics.load(words, LAST);
        if (((last - Atomics.load(words, FIRST)) | 0) >= ANSWERS) return false;
        room.bytes = slots[(last >>> 0) % ANSWERS] as Buffer;
        return true;
      },
      publish: () => void Atomics.add(words, LAST, 1),
      release: () => {},
    };
    return room;
  }

  /** The pool's end of it. */
  inward(): Inbox {
    const words = this.#words;
    const slots = this.#slots;
    const room = {
      bytes: slots[0] as Buffer,
      take: () => {
        const first = Atomics.load(words, FIRST);
        if (first === Atomics.load(words, LAST)) return false;
        room.bytes = slots[(first >>> 0) % ANSWERS] as Buffer;
        return true;
      },
      release: () => {
        Atomics.add(words, FIRST, 1);
        if (Atomics.load(words, STUCK) === 1) Atomics.notify(words, FIRST);
      },
    };
    return room;
  }
}
