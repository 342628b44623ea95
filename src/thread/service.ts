// The kept service thread of this thread: it is started by the first call, and replaced when it has died.
//
// Guarantees:
// - the caller sleeps until the answer of its own call is there, its timeout has passed, or the thread has ended;
// - while it sleeps it runs the functions that it has passed to this call, and nothing else;
// - whatever ends a call, the next one works;
// - the thread never keeps the process alive.
import { createRequire } from 'node:module';
import type { TransferListItem, Worker } from 'node:worker_threads';
import { Link } from '../channel/link.js';
import type { AnyFunction } from '../channel/pack.js';
import { Patience } from '../channel/patience.js';
import { Kind, type Message } from '../channel/protocol.js';
import { State, Words } from '../channel/words.js';
import { clock } from '../clock.js';
import { DeadlockError, ThreadDiedError, TimeoutError, TooDeepError } from '../errors.js';
import { workerDepth } from '../worker/current.js';
import { isAlive, threads } from './alive.js';
import { flags } from './flags.js';
import { joinStacks } from './stacks.js';

/** How often (ms) a sleeping caller looks whether the thread is still there. */
const SLICE = 250;
/** How long (ms) a thread may take to hear that its call was given up, before it is replaced. */
const GRACE = 100;

/** How many service threads may wait for each other, each the caller of the next. */
const MOST_NESTED = 16;
/** How many are above this thread: its own service thread would be one more. */
const depth = workerDepth();

/** How often a call is made anew whose thread has died before it had begun it. */
const ATTEMPTS = 3;

/** What a call is, beside its arguments. */
export interface Job {
  /** The function, or what stands for its address: the same object is the same function. */
  readonly key: object;
  /** Where the other side finds it; asked for once for each thread. */
  readonly target: (key: object) => unknown;
  /** For messages: `runInThread(render)`. */
  readonly what: string;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly transfer: readonly TransferListItem[] | undefined;
}

interface Entry {
  readonly job: Job;
  readonly id: number;
  callback: string;
}

// Loaded by the first call: it takes as long as half of this package.
const require = createRequire(import.meta.url);

let service: Service | undefined;
let ids = 0;
let started = 0;
let calls = 0;
let totalMs = 0;

/** What the calls of this thread have cost. */
export interface ServiceStats {
  /** Calls that have ended, in whichever way. */
  readonly calls: number;
  /** Milliseconds that their callers have slept, all together. */
  readonly totalMs: number;
  /** Service threads that were started: more than one only where one has died or was given up. */
  readonly started: number;
}

export function serviceStats(): ServiceStats {
  return { calls, totalMs, started };
}

/** Runs the job on this thread's service thread; the value that it gives. */
export function callService(job: Job, args: readonly unknown[]): unknown {
  for (let attempt = 1; ; attempt++) {
    service = (service ?? new Service()).ready();
    try {
      return service.call(job, args);
    } catch (error) {
      // The thread died of something else before it had begun this call: nothing was done twice.
      if (!(error instanceof NotBegun)) throw error;
      if (attempt === ATTEMPTS || job.transfer !== undefined) throw error.error;
    }
  }
}

/** Why a call ended that its thread has never begun. */
class NotBegun {
  constructor(readonly error: Error) {}
}

class Service {
  readonly #words = new Words();
  readonly #patience = new Patience();
  readonly #worker: Worker;
  readonly #link: Link;
  /** Each function's number, and whether the thread is known to have loaded it. */
  readonly #numbers = new WeakMap<object, { readonly number: number; loaded: boolean }>();
  #functions: AnyFunction[] = [];
  #count = 0;
  #current: Entry | undefined;
  #givenUp: { id: number; at: number } | undefined;
  #dying: { error: unknown } | undefined;
  /** The threads of which one is this one's, until it says which. */
  #candidates: string[];

  constructor() {
    if (depth >= MOST_NESTED) throw new TooDeepError(depth, 'runInThread');
    started++;
    this.#words.looks = this.#patience.looks;
    const threading = require('node:worker_threads') as typeof import('node:worker_threads');
    const { port1, port2 } = new threading.MessageChannel();
    const before = new Set(threads());
    const execArgv = flags();
    this.#worker = new threading.Worker(new URL('./service.js', import.meta.url), {
      ...(execArgv && { execArgv }),
      name: 'isthmus service',
      workerData: { memory: this.#words.memory, bulk: port2, depth: depth + 1 },
      transferList: [port2],
    });
    this.#candidates = threads().filter((thread) => !before.has(thread));
    this.#worker.unref();
    // An 'error' without a listener would end the process; the caller was told already.
    this.#worker.on('error', () => {});
    port1.unref();
    this.#link = new Link(this.#words.down, this.#words.up, port1, threading.receiveMessageOnPort, {
      keep: (fn) => {
        const known = this.#functions.indexOf(fn);
        return known >= 0 ? known : this.#functions.push(fn) - 1;
      },
    });
  }

  /** This one, or a new one where this one is dead or does not listen. */
  ready(): Service {
    const givenUp = this.#givenUp;
    if (givenUp !== undefined && this.#current === undefined) {
      const left = givenUp.at + GRACE - clock();
      if (!this.#words.waitUntilHeard(givenUp.id, Math.max(0, left))) return this.#replace();
      this.#givenUp = undefined;
    }
    return this.#words.state === State.gone ? this.#replace() : this;
  }

  #replace(): Service {
    this.kill();
    return new Service();
  }

  kill(): void {
    this.#words.call = 0;
    this.#words.state = State.gone;
    void this.#worker.terminate().catch(() => {});
  }

  call(job: Job, args: readonly unknown[]): unknown {
    const outer = this.#current;
    if (outer !== undefined) throw new DeadlockError([outer.job.what, outer.callback, job.what]);
    const id = ++ids;
    const began = clock();
    this.#functions = [];
    this.#current = { job, id, callback: '' };
    this.#words.call = id;
    try {
      const known = this.#numbers.get(job.key) ?? { number: ++this.#count, loaded: false };
      this.#numbers.set(job.key, known);
      const { number, loaded } = known;
      const target = loaded ? undefined : job.target(job.key);
      const end = job.timeout === undefined ? Number.POSITIVE_INFINITY : began + job.timeout;
      const message = [Kind.call, id, number, target, ...args];
      while (!this.#link.send(message, 4, 'args', job.transfer) && this.#mayRead(end));
      this.#wake();
      const value = this.#wait(this.#current, end);
      known.loaded = true;
      return value;
    } finally {
      this.#words.call = 0;
      this.#current = undefined;
      this.#functions = [];
      calls++;
      const ms = clock() - began;
      totalMs += ms;
      if (this.#patience.note(ms)) this.#words.looks = this.#patience.looks;
    }
  }

  /** The box is taken only while the thread reads it, or where it was killed while it did. */
  #mayRead(end: number): boolean {
    return this.#isAlive() && clock() <= end;
  }

  /** The box is full: tells a thread that does not look at it. */
  #wake(): void {
    if (!this.#words.listening) this.#worker.postMessage([Kind.look] satisfies Message);
  }

  #wait(entry: Entry, end: number): unknown {
    const { job, id } = entry;
    let lookAt = clock() + SLICE;
    for (;;) {
      // Looked at before the box, so that what the thread has said before its end is read.
      const gone = this.#words.state === State.gone;
      const message = this.#link.receive();
      if (message !== undefined) {
        if (message[0] === Kind.result && message[1] === id) {
          if (message[2]) return message[3];
          joinStacks(message[3], job.what);
          throw message[3];
        }
        if (message[0] === Kind.callback && message[1] === id) this.#callBack(entry, message, end);
        else if (message[0] === Kind.dying) this.#dying = { error: message[3] };
        continue;
      }
      if (gone) throw this.#died(job, id);
      const now = clock();
      if (now >= end) throw this.#giveUp(job, id);
      if (now >= lookAt) {
        if (!this.#isAlive()) throw this.#died(job, id);
        lookAt = now + SLICE;
      }
      this.#words.up.wait(Math.min(end, lookAt) - now);
    }
  }

  #callBack(entry: Entry, message: unknown[], end: number): void {
    const [, id, number, ...args] = message as [number, number, number, ...unknown[]];
    const fn = this.#functions[number] as AnyFunction;
    entry.callback = fn.name === '' ? 'a callback' : `the callback ${fn.name}`;
    let ok = true;
    let value: unknown;
    try {
      value = fn(...args);
      entry.job.signal?.throwIfAborted();
    } catch (error) {
      ok = false;
      value = error;
    }
    entry.callback = '';
    if (this.#words.state === State.gone) return;
    while (!this.#link.sendOutcome(Kind.reply, id, ok, value) && this.#mayRead(end));
    this.#wake();
  }

  #giveUp(job: Job, id: number): Error {
    this.#words.call = 0;
    this.#words.aborted = id;
    this.#givenUp = { id, at: clock() };
    this.#worker.postMessage([Kind.abort, id] satisfies Message);
    // Also without a next call: a thread that spins must not go on for ever.
    setTimeout(() => {
      if (this.#words.heard < id) this.kill();
    }, GRACE).unref();
    return new TimeoutError(job.what, job.timeout ?? 0);
  }

  #isAlive(): boolean {
    const { thread } = this.#words;
    if (thread !== 0) return isAlive(thread);
    this.#candidates = this.#candidates.filter((candidate) => isAlive(candidate));
    return this.#candidates.length > 0 || threads().length === 0;
  }

  #died(job: Job, id: number): Error | NotBegun {
    const begun = this.#words.begun === id || this.#words.state === State.starting;
    const said = this.#words.state === State.gone;
    this.kill();
    const error = new ThreadDiedError(
      job.what,
      this.#dying !== undefined
        ? 'an error that nothing caught'
        : said
          ? `process.exit(${this.#words.exitCode})`
          : 'it said nothing, as when it runs out of memory, or is terminated',
      this.#dying && { cause: this.#dying.error },
    );
    return begun ? error : new NotBegun(error);
  }
}
