// One worker thread of a pool, as the pool sees it.
//
// Guarantees:
// - it never keeps the process alive by itself;
// - its end is told once, with the tasks that it had begun and those that it had only taken.
import { createRequire } from 'node:module';
import type { MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Board, Doing, Seat } from '../channel/board.js';
import { ANSWERS, type Answer, Errand, type ToPool, type ToWorker } from '../channel/errands.js';
import { callParts, Link } from '../channel/link.js';
import type { Incoming, Outgoing } from '../channel/marks.js';
import { unpack } from '../channel/unpack.js';
import { flags } from '../task/flags.js';
import { workerDepth } from '../worker/current.js';
import type { Task } from './task.js';

// Loaded by the first worker: it takes as long as half of this package.
const require = createRequire(import.meta.url);

const ARGS = callParts(0, 3);

/** How a worker has ended. */
export type Death = 'exit' | 'error' | 'memory' | 'given up';

/** What a worker is told to tell. */
export interface Boss {
  readonly board: Board;
  readonly incoming: Incoming;
  readonly definitions: ReadonlyMap<number, unknown>;
  /** There are answers on the board. */
  answered(): void;
  heard(hand: Hand, errand: Exclude<ToPool, typeof ANSWERS>): void;
  died(hand: Hand, death: Death, why: string, cause: { readonly error: unknown } | undefined): void;
}

export class Hand {
  readonly seat: Seat;
  readonly startedAt: number;
  /** Waits for another one's end before it works. */
  isSpare: boolean;
  /** It was told to end. */
  isEnding = false;
  /** When it was started, or has given its last answer. */
  idleSince: number;
  tasks = 0;
  busyMs = 0;
  readonly #worker: Worker;
  readonly #errands: MessagePort;
  readonly #boss: Boss;
  readonly #receiveOn: typeof receiveMessageOnPort;
  readonly #link: Link;
  /** Settles when the thread has ended. */
  readonly ended: Promise<void>;
  #task = 0;
  #dying: { readonly error: unknown } | undefined;

  constructor(boss: Boss, index: number, isSpare: boolean, now: number) {
    this.seat = new Seat(index);
    this.startedAt = now;
    this.idleSince = now;
    this.isSpare = isSpare;
    const threading = require('node:worker_threads') as typeof import('node:worker_threads');
    const { MessageChannel, Worker } = threading;
    const { port1, port2 } = new MessageChannel();
    // Of one's own, for a task may use parentPort for its own ends, and Deno's is no MessagePort.
    const errands = new MessageChannel();
    this.#errands = errands.port1;
    const execArgv = flags();
    this.#worker = new Worker(new URL('./pool-worker.js', import.meta.url), {
      ...(execArgv && { execArgv }),
      name: `isthmus pool ${index}`,
      workerData: {
        board: boss.board.memory,
        seat: this.seat.memory,
        worker: index,
        isSpare,
        depth: workerDepth() + 1,
        bulk: port2,
        errands: errands.port2,
        definitions: boss.definitions,
      },
      transferList: [port2, errands.port2],
    });
    this.#link = new Link(
      boss.board.outward(index, () => this.#task),
      this.seat.inward(),
      port1,
      threading.receiveMessageOnPort,
      boss.incoming,
    );
    this.#boss = boss;
    this.#receiveOn = threading.receiveMessageOnPort;
    this.#errands.on('message', (errand: ToPool) => this.#hear(errand));
    this.#worker.on('error', (error: unknown) => {
      this.#dying ??= { error };
    });
    this.ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.once('exit', (code) => {
      // What it has said before its end may not have been heard yet.
      this.listen();
      this.#errands.close();
      port1.close();
      const [death, why] = this.#endOf(code);
      boss.died(this, death, why, this.#dying);
    });
    // Last, for listening to a port references it.
    this.#worker.unref();
    port1.unref();
    this.#errands.unref();
  }

  #endOf(code: number): [Death, why: string] {
    const { code: reason } = (this.#dying?.error ?? {}) as { code?: unknown };
    if (reason === 'ERR_WORKER_OUT_OF_MEMORY') return ['memory', 'it ran out of memory'];
    if (this.#dying !== undefined) return ['error', 'an error that nothing caught'];
    if (this.isEnding) return ['given up', 'it was ended, for its task had been given up'];
    return ['exit', `process.exit(${code}), or it was terminated`];
  }

  #hear(errand: ToPool): void {
    if (errand === ANSWERS) this.#boss.answered();
    else if (errand[0] === Errand.dying) this.#dying = { error: unpack(errand[1], this.#boss.incoming) };
    else this.#boss.heard(this, errand);
  }

  /** Hears at once what it has said until now: an answer may be seen before what was said before it. */
  listen(): void {
    let isTold = false;
    for (;;) {
      const received = this.#receiveOn(this.#errands);
      if (received === undefined) break;
      const errand = received.message as ToPool;
      if (errand === ANSWERS) isTold = true;
      else this.#hear(errand);
    }
    // Not in here, for answers may just be read.
    if (isTold) queueMicrotask(() => this.#boss.answered());
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  get isIdle(): boolean {
    const { doing } = this.seat;
    return doing === Doing.asleep || doing === Doing.looping;
  }

  /** Wakes it for a task that is on the board, if it is idle. */
  call(): boolean {
    const was = this.seat.call(Doing.called);
    if (was === undefined) return false;
    if (was === Doing.asleep) this.seat.wake();
    else this.post([Errand.look]);
    return true;
  }

  /**
   * Gives it a task of its own, if it is idle: one that does not fit into the board. False if it is not idle, or the board
   * is full. What cannot be cloned throws, and the worker is idle as before.
   */
  give(task: Task, message: readonly unknown[], outgoing: Outgoing): boolean {
    const was = this.seat.call(Doing.reserved);
    if (was === undefined) return false;
    this.#task = task.id;
    let sent = false;
    try {
      sent = this.#link.send(message, ARGS, outgoing, task.options?.transfer);
    } finally {
      if (sent) this.seat.give();
      else this.seat.doing = Doing.called;
      if (was === Doing.asleep) this.seat.wake();
      else this.post([Errand.look]);
    }
    return sent;
  }

  /** Its next answer; one that cannot be read, because a class's `decode` throws, is that error. */
  receive(): Answer | undefined {
    return this.#link.receive(([id, , , ms], error) => [id, false, error, ms]) as Answer | undefined;
  }

  post(errand: ToWorker, moved: readonly unknown[] = []): void {
    this.#errands.postMessage(errand, moved as never[]);
  }

  /** It may work from now on. */
  enlist(): void {
    this.isSpare = false;
    this.post([Errand.look]);
  }

  /** Ends it, if it is idle: then it takes no task any more. */
  retire(): boolean {
    if (this.seat.call(Doing.reserved) === undefined) return false;
    this.end();
    return true;
  }

  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    void this.#worker.terminate().catch(() => {});
  }
}
