// The service thread's side of a channel: it runs what it is told, and answers.
//
// Guarantees:
// - an answer carries its call's number, and one whose caller has gone is dropped;
// - work that is async has this thread's event loop: the thread sleeps only while no work is in progress, for a
//   millisecond, in case the same caller calls again at once;
// - a callback is served only while its call's caller sleeps; afterwards it throws.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Link } from '../channel/link.js';
import type { AnyFunction } from '../channel/pack.js';
import { Kind, type Message } from '../channel/protocol.js';
import type { Words } from '../channel/words.js';
import { CallOverError } from '../errors.js';
import { CallInProgress, current } from './current.js';

/** How long (ms) a thread without work waits for the next call before it returns to its event loop. */
const LINGER = 1;
/** Calls in a row after which the event loop gets a turn, whatever comes. */
const IN_A_ROW = 64;
/** How long (ms) a thread that dies leaves an answer in the box before it says of what. */
const LAST_WORD = 1000;
/** How often (ms) a callback that waits looks whether its caller is still there. */
const SLICE = 50;

export type Load = (target: unknown) => Promise<AnyFunction>;

export function serve(words: Words, bulk: MessagePort, parent: MessagePort, load: Load): void {
  const targets = new Map<number, AnyFunction>();
  const running = new Map<number, CallInProgress>();
  const later: unknown[][] = [];
  let owner = { call: 0 };
  let inARow = 0;

  const link = new Link(words.up, words.down, bulk, receiveMessageOnPort, {
    make: (fn, name) => {
      const mine = owner;
      const stub = (...args: unknown[]): unknown => callBack(mine.call, fn, args);
      return Object.defineProperty(stub, 'name', { value: name, configurable: true });
    },
  });

  const receive = (): unknown[] | undefined => {
    owner = { call: 0 };
    const message = link.receive();
    if (message !== undefined) owner.call = message[1] as number;
    return message;
  };

  const callBack = (call: number, fn: number, args: unknown[]): unknown => {
    if (words.call !== call) throw new CallOverError();
    words.listening = true;
    try {
      while (!link.send([Kind.callback, call, fn, ...args], 3, 'args')) {
        if (words.call !== call) throw new CallOverError();
      }
      for (;;) {
        const message = receive();
        if (message !== undefined) {
          if (message[0] !== Kind.reply) later.push(message);
          else if (message[1] === call) {
            if (message[2]) return message[3];
            throw message[3];
          }
        } else if (words.call !== call) throw new CallOverError();
        else words.down.wait(SLICE);
      }
    } finally {
      words.listening = false;
      if (words.down.full() || later.length > 0) setImmediate(work);
    }
  };

  const answer = (call: number, ok: boolean, value: unknown): void => {
    running.delete(call);
    // Before the caller can see the answer: its next call need not wake this thread by the port.
    if (running.size === 0 && inARow <= IN_A_ROW) words.listening = true;
    while (words.call === call && !link.sendOutcome(Kind.result, call, ok, value));
  };

  const begin = (message: unknown[]): void => {
    const [, id, number, target, ...args] = message as [number, number, number, unknown, ...unknown[]];
    words.begun = id;
    const call = new CallInProgress();
    running.set(id, call);
    if (words.aborted === id) call.abort();
    const finish = (ok: boolean, value: unknown): void => {
      answer(id, ok, value);
      work();
    };
    const go = (fn: AnyFunction): void => {
      let value: unknown;
      try {
        value = current.run(call, fn, ...args);
        // Anything with a `then` is awaited.
        const then: unknown = value instanceof Object ? (value as { then?: unknown }).then : undefined;
        if (typeof then === 'function') {
          Promise.resolve(value).then(
            (result) => finish(true, result),
            (error: unknown) => finish(false, error),
          );
          return;
        }
      } catch (error) {
        answer(id, false, error);
        return;
      }
      answer(id, true, value);
    };
    const known = targets.get(number);
    if (known !== undefined) go(known);
    else {
      load(target).then(
        (fn) => {
          targets.set(number, fn);
          go(fn);
          work();
        },
        (error: unknown) => finish(false, error),
      );
    }
  };

  /** Takes calls as long as they come at once. */
  const work = (): void => {
    for (;;) {
      const message = later.shift() ?? receive();
      if (message !== undefined) {
        if (message[0] === Kind.call) begin(message);
        inARow++;
        continue;
      }
      if (running.size > 0 || inARow > IN_A_ROW) break;
      words.listening = true;
      words.down.wait(LINGER);
      if (!words.down.full()) break;
    }
    // The caller looks at this after it has filled the box, and here it is the other way round.
    words.listening = false;
    if (inARow > IN_A_ROW) {
      inARow = 0;
      setImmediate(work);
    } else if (words.down.full()) setImmediate(work);
  };

  parent.on('message', (message: Message) => {
    inARow = 0;
    if (message[0] === Kind.abort) {
      const call = running.get(message[1]);
      words.heard = message[1];
      call?.abort();
    }
    work();
  });
  process.on('uncaughtExceptionMonitor', (error) => {
    words.waitUntilRead(LAST_WORD);
    link.sendOutcome(Kind.dying, 0, false, error);
  });
  work();
}
