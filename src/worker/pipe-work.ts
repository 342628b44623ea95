// A pool's process: it is given tasks by a pipe, and writes its answers into another.
//
// Guarantees:
// - a task is claimed before anything of it runs, so that it cannot be called back any more;
// - its answer is with the pool before the next task begins: whatever ends this process, the pool knows what has run;
// - the event loop gets a turn after so many tasks in a row, whatever comes.
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Seat } from '../channel/board.js';
import type { Claims } from '../channel/claims.js';
import * as codec from '../channel/codec.js';
import type { Answer, TaskMessage, ToPool, ToWorker } from '../channel/errands.js';
import { type Parts, refusalIn } from '../channel/link.js';
import type { Outgoing, Packed } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { type Coming, Down, Pipe, readComing, Up } from '../channel/pipes.js';
import { deserialize } from '../channel/serial.js';
import { Inlet, Outlet } from '../channel/wire.js';
import { afterTurn } from './loop.js';
import { open, writeAll } from './pipe.js';
import { Remote } from './remote.js';
import type { Residence } from './residence.js';
import { type Place, Work } from './work.js';

/** Tasks in a row after which the event loop gets a turn, whatever comes. */
const IN_A_ROW = 64;

/** In few bytes. */
interface Few {
  readonly number: number;
  readonly few: Buffer;
}

/** What is packed, as soon as it is there. */
class Large {
  readonly coming: Coming;
  packed: Buffer | undefined;
  beside: readonly Buffer[] | undefined;

  constructor(coming: Coming) {
    this.coming = coming;
  }
}

function write(bytes: Uint8Array): void {
  try {
    writeAll(Pipe.answers, bytes);
  } catch {
    // The pool is gone.
    process.exit();
  }
}

export class PipeWork implements Place {
  readonly seat: Seat;
  readonly errands: MessagePort;
  readonly remote: Remote;
  readonly outgoing: Outgoing;
  readonly #claims: Claims;
  readonly #out = new Outlet(write);
  readonly #given: (Few | Large)[] = [];
  /** Is on its way. */
  #coming: Large | undefined;
  /** Has begun, and is on its way. */
  #awaited: Large | undefined;
  readonly #work: Work;
  #inARow = 0;

  constructor(seat: Seat, claims: Claims, errands: MessagePort, exports: Residence) {
    this.seat = seat;
    this.#claims = claims;
    this.errands = errands;
    this.outgoing = { byWire: true, wants: () => false, keep: () => undefined, classOf: exports.classOf };
    const post = (message: ToPool): void => this.post(message);
    this.remote = new Remote(post, (task) => seat.task === task, exports, this.outgoing);
    this.#work = new Work(this, exports, []);
    errands.on('message', (errand: ToWorker) => {
      this.#work.hear(errand);
      this.take();
    });
    const inlet = new Inlet((...frame) => this.#read(...frame));
    const onTasks = (chunk: Buffer): void => {
      inlet.push(chunk);
      this.take();
    };
    // Its end: the pool has let it go, or is gone. It is the errands that hold the loop, or do not: see Work.rest.
    open(Pipe.tasks, onTasks, () => process.exit());
    this.#out.add(Up.ready, undefined);
  }

  #read(kind: number, body: Buffer, beside: readonly Buffer[]): void {
    if (kind === Down.few) this.#given.push({ number: body.readUInt32LE(body.length - 4), few: body });
    else if (kind === Down.coming) {
      this.#coming = new Large(readComing(body));
      this.#given.push(this.#coming);
    } else if (kind === Down.packed) {
      // What was called back meanwhile is nobody's any more.
      Object.assign(this.#coming as Large, { packed: body, beside });
      this.#coming = undefined;
    } else if (kind === Down.ask) this.#out.add(Up.ready, undefined);
    else this.#work.hear(deserialize(body) as ToWorker);
  }

  next(): ToWorker | undefined {
    return receiveMessageOnPort(this.errands)?.message as ToWorker | undefined;
  }

  post(message: ToPool): void {
    this.#out.add(Up.errand, message);
  }

  send(answer: Answer, parts: Parts, outgoing: Outgoing): void {
    const length = codec.write(this.#out.open(), answer);
    if (length !== 0) {
      this.#out.close(Up.few, length);
      this.#out.flush();
      return;
    }
    try {
      const beside: Uint8Array[] = [];
      const packed = packedOf(pack(answer, { ...outgoing, beside }));
      this.#out.add(Up.packed, packed, beside);
    } catch (error) {
      throw refusalIn(answer, parts, outgoing, error) ?? error;
    }
  }

  over(): void {}

  take(): void {
    for (;;) {
      if (this.#awaited?.packed !== undefined) this.#open(this.#awaited, this.#awaited.packed);
      if (!this.#work.isFree || this.#inARow > IN_A_ROW) break;
      const given = this.#given.shift();
      if (given === undefined) break;
      if (given instanceof Large) this.#beginLarge(given);
      else this.#beginFew(given);
    }
    this.#work.rest();
    if (this.#work.isFree && this.#inARow > IN_A_ROW) this.takeLater();
  }

  #beginFew({ number, few }: Few): void {
    const message = codec.read(few) as unknown as TaskMessage;
    if (this.#claim(number, message[0])) this.#work.begin(message);
  }

  /** It is claimed before it is read, and also while it comes: both may take long, and the pool would think that this process is stuck. */
  #beginLarge(large: Large): void {
    const [number, id, mode] = large.coming;
    if (!this.#claim(number, id)) return;
    this.#awaited = large;
    this.#work.expect(id, mode);
  }

  #open({ beside }: Large, packed: Buffer): void {
    this.#awaited = undefined;
    this.#work.arrived(deserialize(packed) as Packed, beside);
  }

  #claim(number: number, id: number): boolean {
    if (!this.#claims.claim(number)) {
      this.remote.end(id);
      return false;
    }
    this.#inARow++;
    this.seat.task = id;
    return true;
  }

  /** Only a turn of the loop begins a new row. */
  readonly takeLater = afterTurn(() => {
    this.#inARow = 0;
    this.take();
  });
}
