// One worker thread of a pool. Tasks are on the board that all of them share; what else there is to say goes through a port.
import { createRequire } from 'node:module';
import type { MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Board, Doing, Seat } from '../channel/board.js';
import { ANSWERS, type Answer, Errand, type ToPool, type ToWorker } from '../channel/errands.js';
import { callParts, Link } from '../channel/link.js';
import type { Outgoing, Packed } from '../channel/marks.js';
import { unpack } from '../channel/unpack.js';
import { flags } from '../task/flags.js';
import { terminate } from '../terminate.js';
import { workerDepth } from '../worker/current.js';
import type { Boss, Death, Hand } from './hand.js';
import type { Task } from './task.js';
import { keepThreadpool } from './threadpool.js';

// Loaded by the first worker: it takes as long as half of this package.
const require = createRequire(import.meta.url);

export class ThreadHand implements Hand {
  readonly seat: Seat;
  readonly startedAt: number;
  isSpare: boolean;
  isEnding = false;
  idleSince: number;
  tasks = 0;
  busyMs = 0;
  /** For how long (ms) it has not taken a task that it ought to. */
  late = 0;
  #calls = 0;
  /** Of its being alive, when it was last looked after. */
  #signs = 0;
  why: string | undefined;
  /** Also when it has ended. */
  readonly threadId: number;
  readonly #worker: Worker;
  readonly #errands: MessagePort;
  readonly #boss: Boss;
  readonly #receiveOn: typeof receiveMessageOnPort;
  readonly #link: Link;
  readonly ended: Promise<void>;
  #task = 0;
  #dying: { readonly error: unknown } | undefined;

  constructor(boss: Boss, board: Board, index: number, isSpare: boolean, now: number) {
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
    const { memory, nice } = boss.limits;
    if (nice > 0) keepThreadpool();
    this.#worker = new Worker(new URL('./pool-worker.js', import.meta.url), {
      ...(execArgv && { execArgv }),
      ...(memory !== undefined && { resourceLimits: { maxOldGenerationSizeMb: memory } }),
      name: `isthmus pool ${index}`,
      workerData: {
        board: board.memory,
        seat: this.seat.memory,
        worker: index,
        isSpare,
        depth: workerDepth() + 1,
        nice,
        bulk: port2,
        errands: errands.port2,
        definitions: boss.definitions,
      },
      transferList: [port2, errands.port2],
    });
    this.threadId = this.#worker.threadId;
    this.#link = new Link(
      board.outward(index, () => this.#task),
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
    if (this.why !== undefined) return ['given up', `it was ended, for ${this.why}`];
    if (this.isEnding) return ['given up', 'it was ended, for its task had been given up'];
    return ['exit', `process.exit(${code}), or it was terminated`];
  }

  #hear(errand: ToPool): void {
    if (errand === ANSWERS) this.#boss.answered();
    else if (errand[0] === Errand.dying) this.#dying = { error: unpack(errand[1], this.#boss.incoming) };
    else this.#boss.heard(this, errand);
  }

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

  get pid(): undefined {
    return undefined;
  }

  get begun(): number {
    return this.seat.task;
  }

  get isIdle(): boolean {
    const { doing } = this.seat;
    return doing === Doing.asleep || doing === Doing.looping;
  }

  /** Ought it to take a task, and has it not since this was asked `ms` ago? Then `late` says for how long. */
  isLate(ms: number): boolean {
    const isDue = this.begun === 0 && !this.isIdle && this.seat.doing !== Doing.starting;
    const signs = this.#calls + this.tasks;
    this.late = isDue && signs === this.#signs ? this.late + ms : 0;
    this.#signs = signs;
    return isDue;
  }

  /** Wakes it for a task that is on the board, if it is idle. */
  call(): boolean {
    const was = this.seat.call(Doing.called);
    if (was === undefined) return false;
    this.#calls++;
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
    this.#calls++;
    this.#task = task.id;
    let sent = false;
    try {
      sent = this.#link.send(message, callParts(task.options?.own ?? 0, 3), outgoing, task.transfer);
    } finally {
      if (sent) this.seat.give();
      else this.seat.doing = Doing.called;
      if (was === Doing.asleep) this.seat.wake();
      else this.post([Errand.look]);
    }
    return sent;
  }

  receive(): Answer | undefined {
    return this.#link.receive(([id, , , ms], error) => [id, false, error, ms]) as Answer | undefined;
  }

  post(errand: ToWorker, moved: readonly unknown[] = []): void {
    this.#errands.postMessage(errand, moved as never[]);
  }

  abort(task: number, reason: Packed): void {
    this.seat.aborted = task;
    this.post([Errand.abort, task, reason]);
  }

  replied(): void {
    this.seat.replied();
  }

  enlist(): void {
    this.isSpare = false;
    this.post([Errand.look]);
  }

  retire(): boolean {
    if (this.seat.call(Doing.reserved) === undefined) return false;
    this.end();
    return true;
  }

  end(why?: string): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.why = why;
    terminate(this.#worker);
  }
}
