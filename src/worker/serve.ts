// The service thread's side of a channel: it runs what it is told, and answers.
//
// Guarantees:
// - an answer carries its call's number, and one whose caller has gone is dropped;
// - work that is async has this thread's event loop: the thread sleeps only while no work is in progress, for a
//   millisecond, in case the same caller calls again at once; for five after a call that has come within one;
// - a call whose promise nothing can settle any more is answered with an error.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { entryOf } from '../channel/classes.js';
import { holds, isIteration, isObject, isThenable, kindOf, needsFace } from '../channel/faceable.js';
import { CALLBACK_ARGS, Link, Sealed } from '../channel/link.js';
import type { Class, ClassAddress, Outgoing, Packed } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { Kind, type Message, type Reply, type Stepped } from '../channel/protocol.js';
import { movedWith } from '../channel/transfer.js';
import type { TransferListItem } from '../channel/transfer-list.js';
import { unpack } from '../channel/unpack.js';
import type { Words } from '../channel/words.js';
import { clock } from '../clock.js';
import { CallOverError, DeadlockError, NeverSettlesError, UncloneableError } from '../errors.js';
import { isAddress } from '../task/written.js';
import { CallInProgress, current } from './current.js';
import { Detached } from './detached.js';
import { afterTurn, holderBy } from './loop.js';
import { Objects } from './objects.js';
import { Faced, type Load, operations } from './operations.js';
import { runFor } from './run-for.js';
import { Stubs } from './stubs.js';

/** How long (ms) a thread without work waits for the next call before it returns to its event loop; */
const LINGER = 1;
/**
 * and where the last call came sooner. A sleep whose end is due before the system's next tick (4 ms here) takes a timer of
 * its own, which costs 2 to 4 µs of each call; one that is due later costs nothing.
 */
const LINGER_IN_A_ROW = 5;
/** Calls in a row after which the event loop gets a turn, whatever comes. */
const IN_A_ROW = 64;
/** How long (ms) a thread that dies leaves an answer in the box before it says of what. */
const LAST_WORD = 1000;
/** How often (ms) a callback that waits looks whether its caller is still there. */
const SLICE = 50;

const EACH = 'Consume it where you are: `for (const value of runInThread.each(fn, ...args))`.';

type AnyFunction = (...args: unknown[]) => unknown;

/** What the thread is told of exported things. */
export interface Exports {
  readonly load: Load;
  /** Where the class with this prototype is exported, among the modules that calls have loaded. */
  readonly classOf: (prototype: object) => ClassAddress | undefined;
  /** The class that is exported there, if the module is loaded. */
  readonly classAt: (address: ClassAddress) => Class | undefined;
}

export function serve(words: Words, bulk: MessagePort, parent: MessagePort, exports: Exports): void {
  const targets = new Map<number, AnyFunction>();
  const running = new Map<number, CallInProgress>();
  const later: unknown[][] = [];
  const objects = new Objects();
  const { load, classOf, classAt } = exports;
  const handles = operations(load);
  /** By call: the callback that runs on without this thread's waiting, and what has become of its call meanwhile. */
  const detached = new Map<number, Detached>();
  const answers = new Map<number, [ok: boolean, value: unknown, back?: unknown]>();
  const unawaited = new Set<number>();
  const events: [call: number, listener: number, args: unknown[]][] = [];
  let callbacks = 0;
  let inARow = 0;
  let linger = LINGER;
  let waitsForCaller = false;

  /** A function's value: plain data, or it is refused. */
  const plain: Outgoing = { wants: () => false, keep: () => undefined, classOf };
  /** An object's value: what is no plain data stays here, and is sent by handle. */
  const facing: Outgoing = {
    wants: (value) => needsFace(value) && entryOf(value, false) === undefined,
    keep: (value) => {
      if (typeof value !== 'function') {
        const kind = kindOf(value);
        if (kind === 'data' || (kind === 'plain' && !holds(value, needsFace))) return undefined;
        if (entryOf(value, false) !== undefined) return undefined;
      }
      return objects.keep(value);
    },
    classOf,
  };

  /**
   * The thread waits for what the caller's function gives. If that function calls this thread in its turn, the thread must be
   * free for it: then it waits no longer, and gives a promise.
   */
  const callBack = (call: number, fn: number, args: unknown[], outgoing: Outgoing | undefined): unknown => {
    if (detached.has(call))
      throw new DeadlockError(['The caller', 'a callback that is still running', 'another one']);
    const number = ++callbacks;
    words.listening = true;
    try {
      // A step may be there that the caller has not read yet.
      while (words.up.full() && words.waitsFor(call)) words.waitUntilRead(SLICE);
      while (!link.send([Kind.callback, call, number, fn, ...args], CALLBACK_ARGS, outgoing)) {
        if (!words.waitsFor(call)) throw new CallOverError();
      }
      for (;;) {
        const message = link.receive();
        if (message !== undefined) {
          if (message[0] === Kind.reply && message[1] === number) {
            stubs.abort(message[4]);
            if (message[2]) return message[3];
            throw message[3];
          }
          later.push(message);
          if (message[0] === Kind.call && outgoing !== undefined) {
            const promise = new Detached(number);
            detached.set(call, promise);
            return promise;
          }
        } else if (!words.waitsFor(call)) throw new CallOverError();
        else words.down.wait(SLICE);
      }
    } finally {
      words.listening = false;
      stubs.sendSteps();
      if (words.down.full() || later.length > 0) workLater();
    }
  };

  /** The emitter gets what its listener throws, as it would here, if it is the work of this very call that emits. */
  const tell = (call: number, listener: number, args: unknown[]): void => {
    if (detached.has(call)) {
      // Told when the listener before it, which still runs, has ended.
      events.push([call, listener, args]);
      return;
    }
    try {
      // A listener is told from a function of the call by its sign.
      const value = callBack(call, -listener, args, facing);
      if (value instanceof Detached) value.isListener = true;
    } catch (error) {
      if (current.getStore() === running.get(call)) throw error;
      const ready = pack([error], plain);
      post([Kind.stray, packedOf(ready)], ready.moved);
    }
  };

  /** A callback that was not waited for has ended. */
  const replied = ([, number, ok, value, aborted]: Reply): void => {
    stubs.abort(aborted);
    for (const [call, promise] of detached) {
      if (promise.number !== number) continue;
      detached.delete(call);
      if (promise.isListener) {
        // It has come back too late for its emitter, so the call ends with what it has thrown.
        if (!ok) answers.set(call, [false, value]);
      } else if (!promise.isAwaited) unawaited.add(call);
      promise.settle(ok, value);
      while (!detached.has(call)) {
        const next = events.findIndex(([of]) => of === call);
        if (next < 0) break;
        const [[, listener, args]] = events.splice(next, 1) as [[number, number, unknown[]]];
        try {
          tell(call, listener, args);
        } catch (error) {
          answers.set(call, [false, error]);
        }
      }
      if (detached.has(call)) continue;
      const held = answers.get(call);
      answers.delete(call);
      if (held !== undefined) answer(call, ...held);
    }
  };

  const post = (message: readonly unknown[], moved: readonly unknown[] = []): void =>
    parent.postMessage(message, moved as TransferListItem[]);
  const stubs = new Stubs({ words, link: () => link, post, callBack, tell, facing }, objects, classAt);
  const link: Link = new Link(words.up, words.down, bulk, receiveMessageOnPort, stubs);

  /** May the thread's loop end? Then it says so, and what is still running can never settle. */
  const hold = holderBy(parent);

  const forget = (call: number): void => {
    if (running.get(call)?.isAborted) words.abandoned--;
    running.delete(call);
  };

  const answer = (call: number, ok: boolean, value: unknown, back?: unknown): void => {
    if (detached.has(call)) {
      // Its caller still runs the callback, and will come back for this.
      if (!answers.has(call)) answers.set(call, [ok, value, back]);
      return;
    }
    forget(call);
    if (unawaited.delete(call)) {
      answer(
        call,
        false,
        new DeadlockError(['The call', 'a callback that has to give its value at once', 'a call']),
      );
      return;
    }
    if (running.size === 0) hold(true);
    // Before the caller can see the answer: its next call need not wake this thread by the port.
    if (running.size === 0 && inARow <= IN_A_ROW) words.listening = true;
    const isFaced = Faced.is(value);
    if (ok && !isFaced && isObject(value) && isIteration(value)) {
      answer(
        call,
        false,
        new UncloneableError('result', 'an iterator or an async iterable', undefined, EACH),
      );
      return;
    }
    const given = isFaced ? value.value : value;
    const outgoing = isFaced ? facing : plain;
    const moved = ok ? movedWith(given) : undefined;
    while (words.waitsFor(call) && !link.sendOutcome(Kind.result, call, ok, given, outgoing, back, moved));
  };

  const finish = (call: number, ok: boolean, value: unknown, back?: unknown): void => {
    answer(call, ok, value, back);
    work();
  };

  const go = (id: number, call: CallInProgress, fn: AnyFunction, context: unknown, args: unknown[]): void => {
    let value: unknown;
    try {
      value = runFor(call, context, fn, args);
      // Anything with a `then` is awaited.
      if (isThenable(value)) {
        Promise.resolve(value).then(
          (result) => finish(id, true, result, call.back),
          (error: unknown) => finish(id, false, error, call.back),
        );
        return;
      }
    } catch (error) {
      answer(id, false, error, call.back);
      return;
    }
    answer(id, true, value, call.back);
  };

  const abandon = (call: CallInProgress): void => {
    if (call.isAborted) return;
    words.abandoned++;
    call.abort();
  };

  const begin = (message: unknown[]): void => {
    const [, id, number, target, context, ...args] = message as [
      number,
      number,
      number,
      unknown,
      ...unknown[],
    ];
    words.begun = id;
    const call = new CallInProgress();
    running.set(id, call);
    if (words.aborted === id) abandon(call);
    const known = targets.get(number) ?? (typeof target === 'string' ? handles[target] : undefined);
    if (known !== undefined) {
      targets.set(number, known);
      go(id, call, known, context, args);
      return;
    }
    load(target).then(
      (fn) => {
        targets.set(number, fn as AnyFunction);
        // Its caller may have given up meanwhile: then nothing of it is begun.
        if (call.isAborted) forget(id);
        else go(id, call, fn as AnyFunction, context, args);
        work();
      },
      (error: unknown) => finish(id, false, error),
    );
  };

  const unseal = (packed: Packed): void => {
    const [kind, id] = packed.value as [kind: number, id: number];
    let message: unknown[];
    try {
      message = unpack(packed, stubs) as unknown[];
    } catch (error) {
      // A class's `decode` has thrown.
      if (kind !== Kind.call) throw error;
      running.set(id, new CallInProgress());
      answer(id, false, error);
      return;
    }
    hear(message);
  };

  /** A call is put together when its function is loaded, and by it the classes of what it is given. */
  const open = (packed: Packed): void => {
    const [kind, id, number, target, , first] = packed.value as [number, number, number, ...unknown[]];
    const given = targets.has(number) ? undefined : typeof target === 'string' ? first : target;
    if (kind !== Kind.call || !isAddress(given)) {
      unseal(packed);
      return;
    }
    words.begun = id;
    const call = new CallInProgress();
    running.set(id, call);
    if (words.aborted === id) abandon(call);
    const then = (): void => {
      const isOver = call.isAborted || running.get(id) !== call;
      forget(id);
      if (!isOver) unseal(packed);
      work();
    };
    // Who cannot be loaded is told of by the call.
    load(given).then(then, then);
  };

  const hear = (message: unknown[]): void => {
    if (message[0] === Kind.call) begin(message);
    else if (message[0] === Kind.reply) replied(message as unknown as Reply);
    else if (message[0] === Kind.stepped) stubs.stepped(message as unknown as Stepped);
  };

  /** Takes calls as long as they come at once. */
  const work = (): void => {
    // However fast the next one is there: the loop gets its turn.
    while (inARow <= IN_A_ROW) {
      const message = later.shift() ?? link.receiveSealed();
      if (message !== undefined) {
        if (message instanceof Sealed) open(message.packed);
        else hear(message);
        inARow++;
        continue;
      }
      if (running.size > 0) break;
      words.listening = true;
      if (words.down.look()) continue;
      const began = clock();
      words.down.sleep(linger);
      const isThere = words.down.full();
      linger = isThere && clock() - began < LINGER ? LINGER_IN_A_ROW : LINGER;
      if (!isThere) break;
    }
    // The caller looks at this after it has filled the box, and here it is the other way round.
    words.listening = false;
    hold(running.size === 0 || stubs.waits || detached.size > 0 || waitsForCaller);
    if (inARow > IN_A_ROW || words.down.full()) workLater();
  };

  /** After a turn of the loop, which alone begins a new row: a port's messages are many in one turn. */
  const workLater = afterTurn(() => {
    inARow = 0;
    work();
  });

  parent.on('message', (message: Message) => {
    waitsForCaller = false;
    if (message[0] === Kind.abort) {
      const call = running.get(message[1]);
      if (call !== undefined) abandon(call);
      words.heard = message[1];
    } else if (message[0] === Kind.release) {
      objects.release(message[1], message[2]);
      if (message[3] !== 0) stubs.end(message[3]);
      return;
    }
    work();
  });
  process.on('beforeExit', () => {
    hold(true);
    if (stubs.waits || detached.size > 0) return;
    for (const [id, call] of [...running]) {
      // It may wait to be told that its time is over.
      if (words.waitsFor(id) && words.limited && call.listens) waitsForCaller = true;
      else answer(id, false, new NeverSettlesError('runInThread()'));
    }
    // Not at once: what begins in here would have no event loop.
    workLater();
  });
  process.on('uncaughtExceptionMonitor', (error) => {
    words.waitUntilRead(LAST_WORD);
    link.sendOutcome(Kind.dying, 0, false, error, plain);
  });
  work();
}
