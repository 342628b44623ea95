// A pool's thread: it takes tasks from the board that it shares with the pool, and answers by its ring there.
//
// Guarantees:
// - a task is noted as begun before anything of it runs, and noted as answered after its answer can be read;
// - the thread sleeps only while it has no task, for a millisecond, in case the next one comes at once (for five after one
//   that has come within one); then its event loop goes on, and so it does after so many tasks in a row, whatever comes.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Board, Doing, type Seat } from '../channel/board.js';
import {
  ANSWERS,
  type Answer,
  Errand,
  type TaskMessage,
  type ToPool,
  type ToWorker,
} from '../channel/errands.js';
import { Link, type Parts, Sealed } from '../channel/link.js';
import type { Outgoing } from '../channel/marks.js';
import type { TransferListItem } from '../channel/transfer-list.js';
import { clock } from '../clock.js';
import { Looks } from './looks.js';
import { afterTurn } from './loop.js';
import { Remote } from './remote.js';
import type { Residence } from './residence.js';
import { type Place, Work } from './work.js';

/** How long (ms) a thread without a task waits for the next one before it returns to its event loop; */
const LINGER = 1;
/** and where the last one came sooner: see the same in serve.ts. */
const LINGER_IN_A_ROW = 5;
/** Tasks in a row after which the event loop gets a turn, whatever comes. */
const IN_A_ROW = 64;
/** How often (ms) a thread looks whether its answers are read. */
const SLICE = 50;

export class BoardWork implements Place {
  readonly seat: Seat;
  readonly errands: MessagePort;
  readonly remote: Remote;
  readonly outgoing: Outgoing;
  readonly #board: Board;
  readonly #link: Link;
  readonly #work: Work;
  readonly #looks = new Looks();
  #inARow = 0;
  #linger = LINGER;
  /** A spare one takes nothing before it is told to look. */
  #isEnlisted: boolean;

  constructor(
    board: Board,
    seat: Seat,
    bulk: MessagePort,
    errands: MessagePort,
    exports: Residence,
    definitions: Iterable<readonly [fn: number, target: unknown]>,
    isSpare: boolean,
  ) {
    this.#board = board;
    this.seat = seat;
    this.errands = errands;
    this.#isEnlisted = !isSpare;
    this.outgoing = { wants: () => false, keep: () => undefined, classOf: exports.classOf };
    const post = (message: ToPool, moved?: readonly unknown[]): void => this.post(message, moved);
    this.remote = new Remote(post, (task) => seat.task === task, exports);
    this.#link = new Link(seat.outward(), board.inward(seat), bulk, receiveMessageOnPort, this.remote);
    this.#work = new Work(this, exports, definitions);
    errands.on('message', (errand: ToWorker) => {
      if (errand[0] === Errand.look) this.#isEnlisted = true;
      else this.#work.hear(errand);
      this.take();
    });
    this.take();
  }

  next(): ToWorker | undefined {
    return receiveMessageOnPort(this.errands)?.message as ToWorker | undefined;
  }

  post(message: ToPool, moved: readonly unknown[] = []): void {
    this.errands.postMessage(message, moved as TransferListItem[]);
  }

  send(
    answer: Answer,
    parts: Parts,
    outgoing: Outgoing,
    moved: readonly TransferListItem[] | undefined,
  ): void {
    while (!this.#link.send(answer, parts, outgoing, moved)) {
      this.over();
      this.seat.waitForRoom(SLICE);
    }
  }

  /** Wakes the pool, unless somebody has and it has not looked yet. */
  over(): void {
    if (!this.#board.announce()) this.post(ANSWERS);
  }

  /** Takes tasks as long as they come at once. */
  take(): void {
    if (!this.#isEnlisted) return;
    const { seat } = this;
    const board = this.#board;
    while (this.#work.isFree && this.#inARow <= IN_A_ROW) {
      if (this.#takeOne()) continue;
      if (seat.doing === Doing.reserved) {
        // What it is kept for is just being written.
        if (!this.#looks.pay(() => seat.look(Doing.reserved))) seat.sleep(Doing.reserved, LINGER);
        continue;
      }
      seat.doing = Doing.asleep;
      if (board.asks) this.over();
      if (!board.offers(seat.worker) && !this.#looks.pay(() => seat.look(Doing.asleep))) this.#sleep();
      // Whoever has put something there may have seen it asleep still, and then does not call it at once.
      if (!board.offers(seat.worker) && seat.loop() && !board.offers(seat.worker)) break;
    }
    this.#work.rest();
    if (this.#work.isFree && this.#inARow > IN_A_ROW) this.takeLater();
  }

  #sleep(): void {
    const from = clock();
    this.seat.sleep(Doing.asleep, this.#linger);
    this.#linger = clock() - from < LINGER ? LINGER_IN_A_ROW : LINGER;
  }

  #takeOne(): boolean {
    const message = this.#link.receiveSealed();
    if (message === undefined) return false;
    this.#inARow++;
    if (message instanceof Sealed) this.#work.unseal(message.packed);
    else this.#work.begin(message as unknown as TaskMessage);
    return true;
  }

  /** Only a turn of the loop begins a new row. */
  readonly takeLater = afterTurn(() => {
    this.#inARow = 0;
    this.take();
  });
}
