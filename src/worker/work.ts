// A pool worker's side: it takes tasks from the board, one at a time, and answers.
//
// Guarantees:
// - a task is noted as begun before anything of it runs, and noted as answered after its answer can be read;
// - the thread sleeps only while it has no task, for a millisecond, in case the next one comes at once; then its event loop
//   goes on, and so it does after so many tasks in a row, whatever comes;
// - a task whose promise nothing can settle any more is answered with an error.
import { type MessagePort, receiveMessageOnPort, type TransferListItem } from 'node:worker_threads';
import { type Board, Doing, type Seat } from '../channel/board.js';
import {
  ANSWERS,
  Errand,
  LIMITED,
  Mode,
  type TaskMessage,
  type ToPool,
  type ToWorker,
} from '../channel/errands.js';
import { isIteration, isObject } from '../channel/faceable.js';
import { Link, type Parts } from '../channel/link.js';
import type { Outgoing } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { sendPacked } from '../channel/parcel.js';
import { movedWith } from '../channel/transfer.js';
import { unpack } from '../channel/unpack.js';
import { clock } from '../clock.js';
import { type Context, within } from '../context/carry.js';
import { CallOverError, NeverSettlesError, UncloneableError } from '../errors.js';
import { CallInProgress, current } from './current.js';
import { Looks } from './looks.js';
import { afterTurn, holderBy } from './loop.js';
import { Remote } from './remote.js';
import type { Exports } from './serve.js';
import { Stream } from './stream.js';

/** How long (ms) a thread without a task waits for the next one before it returns to its event loop. */
const LINGER = 1;
/** Tasks in a row after which the event loop gets a turn, whatever comes. */
const IN_A_ROW = 64;
/** How often (ms) a thread looks whether its answers are read. */
const SLICE = 50;

const RESULT: Parts = { from: 2, name: () => 'result' };
const THROWN: Parts = { from: 2, name: () => 'thrown' };
const EACH = 'Consume it where you are: `for await (const value of toThread.each(fn, ...args))`.';

type AnyFunction = (...args: unknown[]) => unknown;

export function work(
  board: Board,
  seat: Seat,
  bulk: MessagePort,
  errands: MessagePort,
  exports: Exports,
  definitions: Iterable<readonly [fn: number, target: unknown]>,
  isSpare: boolean,
): void {
  const targets = new Map(definitions);
  const functions = new Map<number, AnyFunction>();
  const post = (message: ToPool, moved: readonly unknown[] = []): void =>
    errands.postMessage(message, moved as TransferListItem[]);
  const remote = new Remote(post, (task) => seat.task === task, exports.classAt);
  const link = new Link(seat.outward(), board.inward(seat), bulk, receiveMessageOnPort, remote);
  const plain: Outgoing = { wants: () => false, keep: () => undefined, classOf: exports.classOf };
  let running: CallInProgress | undefined;
  let stream: Stream | undefined;
  let isLimited = false;
  let waitsForAbort = false;
  const looks = new Looks();
  let inARow = 0;
  /** A spare one takes nothing before it is told to look. */
  let isEnlisted = !isSpare;

  /** May the thread's loop end? Then it says so, and what is still running can never settle. */
  const hold = holderBy(errands);

  const send = (id: number, ok: boolean, value: unknown, ms: number): void => {
    const moved = ok ? movedWith(value) : undefined;
    for (;;) {
      try {
        if (link.send([id, ok, value, ms], ok ? RESULT : THROWN, plain, ok ? moved : undefined)) break;
        tell();
        seat.waitForRoom(SLICE);
      } catch (error) {
        if (!ok && error instanceof UncloneableError) error.say(value);
        value = error;
        ok = false;
      }
    }
  };

  /** Wakes the pool, unless somebody has and it has not looked yet. */
  const tell = (): void => {
    if (!board.announce()) post(ANSWERS);
  };

  const answer = (id: number, ok: boolean, value: unknown, began: number): void => {
    running = undefined;
    stream = undefined;
    waitsForAbort = false;
    if (ok && isObject(value) && isIteration(value)) {
      value = new UncloneableError('result', 'an iterator or an async iterable', undefined, EACH);
      ok = false;
    }
    send(id, ok, value, clock() - began);
    seat.task = 0;
    remote.end(id);
    tell();
  };

  /** The thread sleeps until the pool's has run the function, or the task was given up. */
  const ask = (id: number, call: CallInProgress, target: unknown, args: readonly unknown[]): unknown => {
    if (running !== call) throw new CallOverError();
    const request = remote.ask(id, [target, ...args]);
    for (;;) {
      const seen = seat.replies;
      const errand = receiveMessageOnPort(errands)?.message as ToWorker | undefined;
      if (errand === undefined) {
        if (call.isAborted) call.signal.throwIfAborted();
        seat.waitForReply(seen, SLICE);
      } else if (errand[0] === Errand.reply && errand[1] === request) {
        const value = unpack(errand[3], remote);
        if (errand[2]) return value;
        throw value;
      } else hear(errand);
    }
  };

  const begin = (message: TaskMessage): void => {
    const [id, fn, mode, context, ...args] = message;
    const began = clock();
    const call = new CallInProgress(
      () => seat.aborted === id,
      (value) =>
        sendPacked(value, 'report', plain, (packed, moved) => post([Errand.report, id, packed], moved)),
      (target, values) => ask(id, call, target, values),
    );
    running = call;
    isLimited = (mode & LIMITED) !== 0;
    const done = (ok: boolean, value: unknown): void => {
      if (running !== call) return;
      answer(id, ok, value, began);
    };
    const later = (ok: boolean) => (value: unknown) => {
      done(ok, value);
      take();
    };
    const go = (known: AnyFunction): void => {
      let value: unknown;
      try {
        const run = (): unknown => current.run(call, known, ...args);
        value = context === undefined ? run() : within(context as Context, run);
        if ((mode & Mode.each) !== 0) {
          stream = new Stream(id, known.name, post, plain, call);
          value = current.run(call, () => (stream as Stream).pump(value));
        }
        // Anything with a `then` is awaited.
        const then: unknown = value instanceof Object ? (value as { then?: unknown }).then : undefined;
        if (typeof then === 'function') {
          Promise.resolve(value).then(later(true), later(false));
          return;
        }
      } catch (error) {
        done(false, error);
        return;
      }
      done(true, value);
    };
    const known = functions.get(fn);
    if (known !== undefined) {
      go(known);
      return;
    }
    exports.load(targetOf(fn)).then((loaded) => {
      functions.set(fn, loaded as AnyFunction);
      if (call.isAborted) done(false, undefined);
      else go(loaded as AnyFunction);
      take();
    }, later(false));
  };

  /** It was posted before the task was put on the board. */
  const targetOf = (fn: number): unknown => {
    while (!targets.has(fn)) {
      const errand = receiveMessageOnPort(errands)?.message as ToWorker | undefined;
      if (errand !== undefined) hear(errand);
      else break;
    }
    return targets.get(fn);
  };

  /** Takes tasks as long as they come at once. */
  const take = (): void => {
    if (!isEnlisted) return;
    while (running === undefined && inARow <= IN_A_ROW) {
      let broken: { readonly error: unknown } | undefined;
      const message = link.receive((head, error) => {
        broken = { error };
        return head;
      }) as TaskMessage | undefined;
      if (message !== undefined) {
        inARow++;
        // Arguments that cannot be put together here: a class's `decode` has thrown.
        if (broken !== undefined) answer(message[0], false, broken.error, clock());
        else begin(message);
        continue;
      }
      if (seat.doing === Doing.reserved) {
        // What it is kept for is just being written.
        if (!looks.pay(() => seat.look(Doing.reserved))) seat.sleep(Doing.reserved, LINGER);
        continue;
      }
      seat.doing = Doing.asleep;
      if (board.asks) tell();
      if (!board.offers(seat.worker) && !looks.pay(() => seat.look(Doing.asleep)))
        seat.sleep(Doing.asleep, LINGER);
      if (!board.offers(seat.worker) && seat.loop()) break;
    }
    hold(running === undefined || remote.waits || stream?.waits === true || waitsForAbort);
    if (running === undefined && inARow > IN_A_ROW) takeLater();
  };

  /** After a turn of the loop, which alone begins a new row. */
  const takeLater = afterTurn(() => {
    inARow = 0;
    take();
  });

  const hear = (errand: ToWorker): void => {
    switch (errand[0]) {
      case Errand.define:
        targets.set(errand[1], errand[2]);
        return;
      case Errand.look:
        isEnlisted = true;
        return;
      case Errand.abort:
        if (seat.task === errand[1]) running?.abort(unpack(errand[2], remote));
        return;
      case Errand.reply:
        remote.replied(errand[1], errand[2], errand[3]);
        return;
      case Errand.want:
        if (seat.task === errand[1]) stream?.want(errand[2]);
        return;
      case Errand.signals:
        remote.abort(errand[1]);
    }
  };

  errands.on('message', (errand: ToWorker) => {
    hear(errand);
    take();
  });
  process.on('beforeExit', () => {
    hold(true);
    const mayHear =
      remote.waits || remote.listens || stream?.waits === true || (isLimited && running?.listens === true);
    waitsForAbort = running !== undefined && mayHear;
    if (running !== undefined && !mayHear) {
      answer(seat.task, false, new NeverSettlesError('toThread()'), clock());
    }
    takeLater();
  });
  process.on('uncaughtExceptionMonitor', (error) => {
    const ready = pack(error, plain);
    post([Errand.dying, packedOf(ready)], ready.moved);
  });
  take();
}
