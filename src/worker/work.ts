// A pool worker's work: one task at a time, from what it is told of it to its answer. Where tasks come from and where answers go
// is its place's matter: board-work.ts for threads, pipe-work.ts for processes.
//
// Guarantees:
// - a task is answered once; what it says after that is dropped;
// - what cannot be sent is told by an error that can;
// - a task whose promise nothing can settle any more is answered with an error.
import type { MessagePort } from 'node:worker_threads';
import type { Seat } from '../channel/board.js';
import {
  type Answer,
  Errand,
  LIMITED,
  Mode,
  type TaskMessage,
  type ToPool,
  type ToWorker,
} from '../channel/errands.js';
import { isIteration, isObject, isThenable } from '../channel/faceable.js';
import type { Parts } from '../channel/link.js';
import type { Outgoing, Packed } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { sendPacked } from '../channel/parcel.js';
import { movedWith } from '../channel/transfer.js';
import { unpack } from '../channel/unpack.js';
import { clock } from '../clock.js';
import { CallOverError, NeverSettlesError, UncloneableError } from '../errors.js';
import { isAddress } from '../task/written.js';
import { CallInProgress, type Host } from './current.js';
import { holderBy } from './loop.js';
import { Faced } from './operations.js';
import type { Remote } from './remote.js';
import type { Residence } from './residence.js';
import { runFor } from './run-for.js';
import { Stream } from './stream.js';

/** How often (ms) a thread that sleeps for a reply looks whether its task was given up. */
const SLICE = 50;

const RESULT: Parts = { from: 2, name: (at) => (at === 2 ? 'result' : 'context') };
const THROWN: Parts = { from: 2, name: (at) => (at === 2 ? 'thrown' : 'context') };
const each = (call: string): string =>
  `Consume it where you are: \`for await (const value of ${call}.each(fn, ...args))\`.`;
const THREAD = ['toThread', 'thread'] as const;
const PROCESS = ['toProcess', 'process'] as const;

type AnyFunction = (...args: unknown[]) => unknown;

function isOperation(target: unknown): boolean {
  return (target as { readonly operation?: unknown } | undefined)?.operation !== undefined;
}

/** Where a worker works. */
export interface Place {
  /** What its task is, and what its pool says of it while it cannot hear. */
  readonly seat: Seat;
  /** What it is told beside tasks. */
  readonly errands: MessagePort;
  /** What stands here for what stays with the callers. */
  readonly remote: Remote;
  /** How results are sent that are no faces'. */
  readonly outgoing: Outgoing;
  next(): ToWorker | undefined;
  post(message: ToPool, moved?: readonly unknown[]): void;
  /** Sends an answer, however long that takes; what cannot be cloned throws. */
  send(answer: Answer, parts: Parts, outgoing: Outgoing, moved: ReturnType<typeof movedWith>): void;
  /** The task is answered and over. */
  over(): void;
  /** Takes the next tasks, if there are some; there is time for it. */
  take(): void;
  /** The same after a turn of the loop. */
  takeLater(): void;
}

export class Work implements Host {
  readonly #place: Place;
  readonly #seat: Seat;
  readonly #remote: Remote;
  readonly #exports: Residence;
  readonly #targets: Map<number, unknown>;
  readonly #functions = new Map<number, AnyFunction>();
  /** May the loop end? Then it says so, and what is still running can never settle. */
  readonly #hold: (on: boolean) => void;
  #running: CallInProgress | undefined;
  #began = 0;
  #stream: Stream | undefined;
  /** The running one, as long as it is on its way. */
  #expected: CallInProgress | undefined;
  /** Does nobody want the running one's values any more? */
  #isLeft = false;
  #isLimited = false;
  #waitsForAbort = false;

  constructor(
    place: Place,
    exports: Residence,
    definitions: Iterable<readonly [fn: number, target: unknown]>,
  ) {
    this.#place = place;
    this.#seat = place.seat;
    this.#remote = place.remote;
    this.#exports = exports;
    this.#targets = new Map(definitions);
    this.#hold = holderBy(place.errands);
    process.on('beforeExit', () => this.#idle());
    process.on('uncaughtExceptionMonitor', (error) => {
      const ready = pack(error, place.outgoing);
      place.post([Errand.dying, packedOf(ready)], ready.moved);
    });
  }

  get isFree(): boolean {
    return this.#running === undefined;
  }

  begin([id, fn, mode, context, ...args]: TaskMessage): void {
    const call = this.#start(id, mode);
    const known = this.#functions.get(fn);
    if (known !== undefined) this.#run(call, known, mode, context, args);
    else this.#load(call, fn, undefined, (loaded) => this.#run(call, loaded, mode, context, args));
  }

  /** The same for a task that is put together when its function is loaded, and by it the classes of what it is given. */
  unseal(packed: Packed): void {
    const [id, , mode] = packed.value as TaskMessage;
    this.#open(this.#start(id, mode), packed);
  }

  /** A task begins that is still on its way; it may be given up before it has `arrived`. */
  expect(id: number, mode: number): void {
    this.#expected = this.#start(id, mode);
  }

  arrived(packed: Packed, beside: readonly Buffer[] | undefined): void {
    const call = this.#expected as CallInProgress;
    this.#expected = undefined;
    this.#began = clock();
    if (call.isAborted) this.#done(call, false, undefined);
    else this.#open(call, packed, beside);
  }

  #open(call: CallInProgress, packed: Packed, beside?: readonly Buffer[]): void {
    const [, fn, mode, , first] = packed.value as TaskMessage;
    const open = (known: AnyFunction): void => {
      let message: TaskMessage;
      try {
        message = unpack(packed, this.#remote, beside) as TaskMessage;
      } catch (error) {
        // A class's `decode` has thrown.
        this.#done(call, false, error);
        return;
      }
      const [, , , context, ...args] = message;
      this.#run(call, known, mode, context, args);
    };
    const known = this.#functions.get(fn);
    if (known !== undefined) open(known);
    else this.#load(call, fn, first, open);
  }

  #start(id: number, mode: number): CallInProgress {
    const call = new CallInProgress(id, this);
    this.#running = call;
    this.#began = clock();
    this.#isLeft = false;
    this.#isLimited = (mode & LIMITED) !== 0;
    return call;
  }

  /** `first`: its first argument, for an operation is given what it has to load. */
  #load(call: CallInProgress, fn: number, first: unknown, then: (loaded: AnyFunction) => void): void {
    const target = this.#targetOf(fn);
    const load = async (): Promise<AnyFunction> => {
      // Who cannot be loaded is told of by the operation.
      if (isOperation(target) && isAddress(first)) await this.#exports.load(first).catch(() => {});
      return (await this.#exports.load(target)) as AnyFunction;
    };
    load().then(
      (loaded) => {
        // An operation is given another class each time.
        if (!isOperation(target) || !isAddress(first)) this.#functions.set(fn, loaded);
        if (call.isAborted) this.#done(call, false, undefined);
        else then(loaded);
        this.#place.take();
      },
      (error: unknown) => this.#doneLater(call, false, error),
    );
  }

  #run(call: CallInProgress, fn: AnyFunction, mode: number, context: unknown, args: unknown[]): void {
    let value: unknown;
    try {
      value = runFor(call, context, fn, args);
      if ((mode & Mode.each) !== 0) value = this.#iterate(call, context, fn.name, value);
      // Anything with a `then` is awaited.
      if (isThenable(value)) {
        Promise.resolve(value).then(
          (settled) => this.#doneLater(call, true, settled),
          (error: unknown) => this.#doneLater(call, false, error),
        );
        return;
      }
    } catch (error) {
      this.#done(call, false, error);
      return;
    }
    this.#done(call, true, value);
  }

  #iterate(call: CallInProgress, context: unknown, name: string, source: unknown): unknown {
    const post = (message: ToPool, moved?: readonly unknown[]): void => this.#place.post(message, moved);
    const stream = new Stream(call.id, name, post, this.#place.outgoing, call);
    this.#stream = stream;
    if (this.#isLeft) stream.want(0);
    return runFor(call, context, () => stream.pump(source), []);
  }

  #done(call: CallInProgress, ok: boolean, value: unknown): void {
    if (this.#running === call) this.#answer(call.id, ok, value, call.back);
  }

  #doneLater(call: CallInProgress, ok: boolean, value: unknown): void {
    this.#done(call, ok, value);
    this.#place.take();
  }

  #answer(id: number, ok: boolean, value: unknown, back?: unknown): void {
    this.#running = undefined;
    this.#stream = undefined;
    this.#waitsForAbort = false;
    if (ok && isObject(value) && isIteration(value)) {
      const [call, to] = this.#place.outgoing.byWire === true ? PROCESS : THREAD;
      value = new UncloneableError('result', 'an iterator or an async iterable', undefined, each(call), to);
      ok = false;
    }
    const ms = clock() - this.#began;
    const outgoing = Faced.is(value) ? this.#exports.facing : this.#place.outgoing;
    if (Faced.is(value)) value = value.value;
    for (let moved = ok ? movedWith(value) : undefined; ; moved = undefined) {
      try {
        const answer: Answer = back === undefined ? [id, ok, value, ms] : [id, ok, value, ms, back];
        this.#place.send(answer, ok ? RESULT : THROWN, outgoing, moved);
        break;
      } catch (error) {
        if (!ok && error instanceof UncloneableError) error.say(value);
        value = error;
        ok = false;
        back = undefined;
      }
    }
    this.#seat.task = 0;
    this.#remote.end(id);
    this.#place.over();
  }

  // What the running task asks for ----------------------------------------------------------------------------------

  isGivenUp(id: number): boolean {
    return this.#seat.aborted === id;
  }

  report(id: number, value: unknown): void {
    sendPacked(value, 'report', this.#place.outgoing, (packed, moved) =>
      this.#place.post([Errand.report, id, packed], moved),
    );
  }

  /** The thread sleeps until the pool's has run the function, or the task was given up. */
  ask(call: CallInProgress, target: unknown, args: readonly unknown[]): unknown {
    if (this.#running !== call) throw new CallOverError();
    const request = this.#remote.ask(call.id, [target, ...args]);
    for (;;) {
      const seen = this.#seat.replies;
      const errand = this.#place.next();
      if (errand === undefined) {
        if (call.isAborted) call.signal.throwIfAborted();
        this.#seat.waitForReply(seen, SLICE);
      } else if (errand[0] === Errand.reply && errand[1] === request) {
        const value = unpack(errand[3], this.#remote);
        if (errand[2]) return value;
        throw value;
      } else this.hear(errand);
    }
  }

  /** What was posted before the task was given is heard before the task is run. */
  #targetOf(fn: number): unknown {
    while (!this.#targets.has(fn)) {
      const errand = this.#place.next();
      if (errand === undefined) break;
      this.hear(errand);
    }
    return this.#targets.get(fn);
  }

  // What it is told -------------------------------------------------------------------------------------------------

  hear(errand: ToWorker): void {
    switch (errand[0]) {
      case Errand.define:
        this.#targets.set(errand[1], errand[2]);
        return;
      case Errand.abort:
        if (this.#seat.task !== errand[1]) return;
        this.#running?.abort(unpack(errand[2], this.#remote));
        // It may be waiting to be asked for more.
        this.#stream?.want(0);
        return;
      case Errand.reply:
        this.#remote.replied(errand[1], errand[2], errand[3]);
        return;
      case Errand.want:
        if (this.#seat.task !== errand[1]) return;
        // It may be left before its function is loaded.
        this.#isLeft ||= errand[2] === 0;
        this.#stream?.want(errand[2]);
        return;
      case Errand.signals:
        this.#remote.abort(errand[1]);
    }
  }

  /** There is no more to take: the loop may end if only the task itself could go on, and then it cannot. */
  rest(): void {
    this.#hold(this.isFree || this.#hears || this.#waitsForAbort);
  }

  /** Is it the caller's turn? */
  get #hears(): boolean {
    return this.#expected !== undefined || this.#remote.waits || this.#stream?.waits === true;
  }

  #idle(): void {
    this.#hold(true);
    const call = this.#running;
    const mayHear = this.#hears || this.#remote.listens || (this.#isLimited && call?.listens === true);
    this.#waitsForAbort = call !== undefined && mayHear;
    if (call !== undefined && !mayHear) this.#answer(call.id, false, new NeverSettlesError('toThread()'));
    this.#place.takeLater();
  }
}
