// The kept service thread of this thread: it is started by the first call, and replaced when it has died.
//
// Guarantees:
// - the caller sleeps until the answer of its own call is there, its timeout has passed, or the thread has ended;
// - while it sleeps it runs the functions that it has passed to this call, and nothing else;
// - whatever ends a call, the next one works;
// - the thread never keeps the process alive.
import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { nextId } from '../channel/ids.js';
import { callParts, Link } from '../channel/link.js';
import type { Incoming, Outgoing, Packed, Reference } from '../channel/marks.js';
import { Patience } from '../channel/patience.js';
import { Kind, type Message } from '../channel/protocol.js';
import { type AnyFunction, isSignal, isSource, Scope } from '../channel/scope.js';
import { callerStack, joinStacks } from '../channel/stacks.js';
import { unpack } from '../channel/unpack.js';
import { State, Words } from '../channel/words.js';
import { clock } from '../clock.js';
import { bringBack } from '../context/bring-back.js';
import { type Context, collect } from '../context/carry.js';
import { DeadlockError, ReleasedError, ThreadDiedError, TimeoutError, TooDeepError } from '../errors.js';
import { awaitSync } from '../run/await.js';
import { addressOfClass } from '../task/address.js';
import { flags } from '../task/flags.js';
import { classAt } from '../task/loaded.js';
import { terminate } from '../terminate.js';
import { workerDepth } from '../worker/current.js';
import { isAlive, threads } from './alive.js';
import { Handle, iteratorOf, OPERATIONS, type Operation, type Owner } from './handle.js';
import { Handles, isHandle, knownHandle } from './handles.js';
import type { Job, ThreadOptions } from './job.js';
import { Listeners } from './listeners.js';

/** How often (ms) a sleeping caller looks whether the thread is still there. */
const SLICE = 250;
/** How long (ms) a thread may take to hear that its call was given up, before it is replaced. */
const GRACE = 100;

/** How long (ms) a call waits to be begun while work goes on that was given up before. */
const STUCK = 1000;

/** How many service threads may wait for each other, each the caller of the next. */
const MOST_NESTED = 16;
/** How many are above this thread: its own service thread would be one more. */
const depth = workerDepth();

/** How often a call is made anew whose thread has died before it had begun it. */
const ATTEMPTS = 3;

interface Entry {
  readonly job: Job;
  readonly id: number;
  /** What the stores hold that go along, and may come back. */
  readonly context: Context | undefined;
  callback: string;
  scope: Scope | undefined;
  /** It runs a callback whose value the other thread can wait for without standing still. */
  mayNest: boolean;
}

// Loaded by the first call: it takes as long as half of this package.
const require = createRequire(import.meta.url);

const ARGS = callParts(0);
/** How many of an operation's arguments are not the user's: the object, and the member's name or the address. */
const PARTS = Object.fromEntries(
  Object.keys(OPERATIONS).map((name) => [
    name,
    callParts(['make', 'open', 'construct', 'iterate', 'keys', 'dispose'].includes(name) ? 1 : 2),
  ]),
) as Record<Operation, ReturnType<typeof callParts>>;

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

function readyService(): Service {
  service = (service ?? new Service()).ready();
  return service;
}

/** Runs the job on this thread's service thread; the value that it gives. */
export function callService(job: Job, args: readonly unknown[]): unknown {
  for (let attempt = 1; ; attempt++) {
    try {
      return readyService().call(job, args);
    } catch (error) {
      // The thread died of something else before it had begun this call: nothing was done twice.
      if (!(error instanceof NotBegun)) throw error;
      if (attempt === ATTEMPTS || job.transfer !== undefined) throw error.error;
    }
  }
}

function gone(what: string): ThreadDiedError {
  return new ThreadDiedError(what, 'its object was there; make a new face');
}

/** A scope that outlives the call that it begins with. */
export function newScope(): Scope {
  ids = nextId(ids);
  return new Scope(ids);
}

/** The name of an operation is all of its address. */
function nameOf(operation: object): string {
  return (operation as { name: string }).name;
}

/** What a call of an operation is. */
export function operationJob(
  operation: Operation,
  what: string,
  options: ThreadOptions | undefined,
  more: Pick<Job, 'scope' | 'listens' | 'prototype'>,
): Job {
  return {
    key: OPERATIONS[operation],
    target: nameOf,
    what,
    timeout: options?.timeout,
    signal: options?.signal,
    transfer: options?.transfer,
    faces: true,
    parts: PARTS[operation],
    ...more,
  };
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
  readonly #listeners = new Listeners();
  readonly #handles: Handles;
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
    // An 'error' without a listener would end the process; the caller was told already.
    this.#worker.on('error', () => {});
    this.#worker.on('message', (message: Message) => this.#hear(message));
    this.#worker.unref();
    port1.unref();
    this.#handles = new Handles((id, times, scope) => this.#release(id, times, scope));
    this.#link = new Link(
      this.#words.down,
      this.#words.up,
      port1,
      threading.receiveMessageOnPort,
      this.#incoming,
    );
  }

  readonly #incoming: Incoming = {
    make: (reference) =>
      reference.kind === 'handle' ? this.#handle(reference, this.#current?.job) : undefined,
    classAt,
  };

  readonly #args: Outgoing = {
    isHandle,
    wants: (value) => typeof value === 'function' || isSignal(value) || isSource(value) || isHandle(value),
    keep: (value) => {
      const home = this.#home(value);
      if (home !== undefined) return home;
      const entry = this.#current as Entry;
      if (typeof value === 'function') {
        if (entry.job.listens) return this.#listeners.keep(value as AnyFunction);
        return this.#scope(entry).function(value as AnyFunction, entry.job.faces === true);
      }
      if (isSignal(value)) return this.#scope(entry).signal(value);
      return isSource(value) ? this.#scope(entry).source(value) : undefined;
    },
    classOf: addressOfClass,
  };

  /** What a callback gives: no functions, for nobody could call them. */
  readonly #replies: Outgoing = {
    isHandle,
    wants: isHandle,
    keep: (value) => this.#home(value),
    classOf: addressOfClass,
  };

  #home(value: object): Reference | undefined {
    const known = knownHandle(value);
    if (known === undefined) return undefined;
    const what = this.#current?.job.what ?? 'A callback';
    if (known.handles !== this.#handles) throw gone(what);
    if (this.#handles.wasReleased(value)) throw new ReleasedError(what);
    return { kind: 'home', id: known.id };
  }

  #handle(reference: Extract<Reference, { kind: 'handle' }>, job: Job | undefined): object {
    return this.#handles.make(reference, job?.scope?.id ?? 0, (_id, shape) => {
      const options = job && { timeout: job.timeout, signal: job.signal };
      const owner: Owner = {
        call: (operation, what, args, listens) =>
          this.#operate(operationJob(operation, what, options, { scope: job?.scope, listens }), args),
        release: (released) => this.#handles.release(released),
        isAlive: () => service === this && this.#words.state !== State.gone,
      };
      if (shape.of === 'iterator') return iteratorOf(owner, shape.name);
      return new Handle(owner, shape, job?.prototype).proxy;
    });
  }

  /** A call for an object that is on this thread, and on no later one. */
  #operate(job: Job, args: readonly unknown[]): unknown {
    job.signal?.throwIfAborted();
    if (service === this) service = this.ready();
    if (service !== this) throw gone(job.what);
    try {
      return this.call(job, args);
    } catch (error) {
      throw error instanceof NotBegun ? error.error : error;
    }
  }

  #scope(entry: Entry): Scope {
    entry.scope ??= new Scope(entry.id);
    return entry.scope;
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
    terminate(this.#worker);
  }

  call(job: Job, args: readonly unknown[]): unknown {
    const outer = this.#current;
    if (outer !== undefined && !outer.mayNest) {
      throw new DeadlockError([outer.job.what, outer.callback, job.what]);
    }
    ids = nextId(ids);
    const id = ids;
    const began = clock();
    const entry: Entry = { job, id, context: collect(), callback: '', scope: job.scope, mayNest: false };
    this.#current = entry;
    const words = this.#words;
    if (outer === undefined) {
      words.scope = job.scope?.id ?? id;
      words.limited = job.timeout !== undefined;
      words.call = id;
    } else {
      outer.mayNest = false;
      words.innerScope = job.scope?.id ?? id;
      words.inner = id;
    }
    try {
      const known = this.#numbers.get(job.key) ?? { number: ++this.#count, loaded: false };
      this.#numbers.set(job.key, known);
      const { number, loaded } = known;
      const target = loaded ? undefined : job.target(job.key);
      const end = job.timeout === undefined ? Number.POSITIVE_INFINITY : began + job.timeout;
      const message = [Kind.call, id, number, target, entry.context, ...args];
      const parts = job.parts ?? ARGS;
      // What came before may not have been read yet.
      while (outer !== undefined && words.down.full() && this.#mayRead(end)) words.waitUntilTaken(SLICE);
      while (!this.#link.send(message, parts, this.#args, job.transfer) && this.#mayRead(end));
      this.#wake();
      const value = this.#wait(entry, end);
      known.loaded = true;
      return value;
    } finally {
      if (outer === undefined) words.call = 0;
      else {
        words.inner = 0;
        outer.mayNest = true;
      }
      if (job.scope === undefined) entry.scope?.close();
      this.#current = outer;
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
    const began = clock();
    let lookAt = began + SLICE;
    for (;;) {
      // Looked at before the box, so that what the thread has said before its end is read.
      const gone = this.#words.state === State.gone;
      const message = this.#link.receive();
      if (message !== undefined) {
        if (message[0] === Kind.result && message[1] === id) {
          bringBack(entry.context, message[4] as Context | undefined);
          if (message[2]) return message[3];
          joinStacks(message[3], job.what, 'service thread', callerStack());
          throw message[3];
        }
        if (message[0] === Kind.callback && message[1] === id) this.#callBack(entry, message, end);
        else if (message[0] === Kind.step && message[1] === id) this.#step(entry, message, end);
        else if (message[0] === Kind.dying) this.#dying = { error: message[3] };
        // Callbacks may come without end.
        if (end !== Number.POSITIVE_INFINITY && clock() >= end) throw this.#giveUp(job, id);
        continue;
      }
      if (gone) throw this.#died(job, id);
      const now = clock();
      if (now >= end) throw this.#giveUp(job, id);
      if (now >= lookAt) {
        if (!this.#isAlive()) throw this.#died(job, id);
        if (this.#words.begun < id && this.#words.abandoned > 0 && now >= began + STUCK) {
          throw new NotBegun(this.#stuck(job));
        }
        lookAt = now + SLICE;
      }
      this.#words.up.wait(Math.min(end, lookAt) - now);
    }
  }

  #callBack(entry: Entry, message: unknown[], end: number): void {
    const [, id, callback, number, ...args] = message as [number, number, number, number, ...unknown[]];
    const fn = this.#function(entry, number);
    entry.callback = fn.name === '' ? 'a callback' : `the callback ${fn.name}`;
    entry.mayNest = (number < 0 || entry.job.faces === true) && this.#words.call === id;
    this.#answer(entry, Kind.reply, callback, end, () => fn(...args));
  }

  /** A listener's number stands for itself; others are those of the scope. */
  #function(entry: Entry, number: number): AnyFunction {
    return (number < 0 ? this.#listeners.get(-number) : entry.scope?.fn(number)) as AnyFunction;
  }

  #step(entry: Entry, message: unknown[], end: number): void {
    const [, , step, source, method, ...args] = message as [
      number,
      number,
      number,
      number,
      'next',
      ...unknown[],
    ];
    entry.callback = 'a step of an async iterable';
    const { what, signal } = entry.job;
    const timeout = end === Number.POSITIVE_INFINITY ? undefined : Math.max(0, end - clock());
    this.#answer(entry, Kind.stepped, step, end, () => {
      const given = (entry.scope as Scope).step(source, method, args);
      const { done, value } = awaitSync(given, { timeout, signal }, what) as IteratorResult<unknown>;
      if (done === true) (entry.scope as Scope).ended(source);
      return [done === true, value];
    });
  }

  /** Runs what the service thread asks for, and tells it what came of that. */
  #answer(entry: Entry, kind: number, id: number, end: number, work: () => unknown): void {
    let ok = true;
    let value: unknown;
    try {
      value = work();
      entry.job.signal?.throwIfAborted();
    } catch (error) {
      ok = false;
      value = error;
    }
    entry.callback = '';
    entry.mayNest = false;
    if (this.#words.state === State.gone) return;
    const aborted = entry.scope?.aborted();
    // What came of the step before this one may not have been read yet.
    while (this.#words.down.full() && this.#mayRead(end)) this.#words.waitUntilTaken(SLICE);
    while (!this.#link.sendOutcome(kind, id, ok, value, this.#replies, aborted) && this.#mayRead(end));
    this.#wake();
  }

  /** What the thread says while nobody here sleeps. */
  #hear(message: Message): void {
    if (message[0] === Kind.forget) this.#listeners.forget(message[1], message[2]);
    else if (message[0] === Kind.stray) {
      // Uncaught here, as it would be if the emitter were.
      throw (unpack(message[1] as Packed, this.#incoming) as unknown[])[0];
    } else if (message[0] === Kind.event) {
      const fn = this.#listeners.get(message[1]);
      const args = unpack(message[2] as Packed, this.#incoming) as unknown[];
      fn?.(...args);
    }
  }

  #release(id: number, times: number, scope: number): void {
    if (this.#words.state !== State.gone) {
      this.#worker.postMessage([Kind.release, id, times, scope] satisfies Message);
    }
  }

  #giveUp(job: Job, id: number): Error {
    if (this.#words.inner === id) this.#words.inner = 0;
    else this.#words.call = 0;
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

  /** Work that was given up has the thread for itself; what was not begun there can begin on another. */
  #stuck(job: Job): Error {
    this.kill();
    return new ThreadDiedError(
      job.what,
      'work that was given up before did not let it go on, so it was ended',
    );
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
