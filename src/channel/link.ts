// One side's end of a channel: it sends into one box and receives from the other.
//
// Guarantees:
// - what cannot be cloned is refused before anything is sent, with its path, and the link is as good as before;
// - a message that came through the port belongs to the box that announced it: others are dropped.
import type { MessagePort, receiveMessageOnPort, TransferListItem } from 'node:worker_threads';
import { InvalidArgumentError, UncloneableError } from '../errors.js';
import { read, readElsewhere, write, writeElsewhere } from './codec.js';
import { type Functions, type Packed, pack, unpack } from './pack.js';
import { findUncloneable } from './uncloneable.js';
import type { Box } from './words.js';

interface Parcel {
  readonly number: number;
  readonly plain?: unknown[];
  readonly packed?: Packed;
}

export class Link {
  readonly #out: Box;
  readonly #in: Box;
  readonly #port: MessagePort;
  readonly #receiveOn: typeof receiveMessageOnPort;
  readonly #functions: Functions;
  #number = 0;

  constructor(
    out: Box,
    inward: Box,
    port: MessagePort,
    receiveOn: typeof receiveMessageOnPort,
    functions: Functions,
  ) {
    this.#out = out;
    this.#in = inward;
    this.#port = port;
    this.#receiveOn = receiveOn;
    this.#functions = functions;
  }

  /**
   * Sends a message. `fixed` is how many of its parts are the protocol's own, and `name` what the others are called in
   * an error: `args` gives `args[0].db`, `result` gives `result.db`. False where the box could not be had.
   */
  send(
    message: readonly unknown[],
    fixed: number,
    name: string,
    transfer?: readonly TransferListItem[],
  ): boolean {
    const functions = name === 'args' ? this.#functions : undefined;
    if (!this.#out.claim()) return false;
    let sent = false;
    try {
      if (transfer !== undefined || !write(this.#out.bytes, message)) {
        this.#post(message, fixed, name, functions, transfer);
      }
      sent = true;
    } finally {
      if (sent) this.#out.publish();
      else this.#out.release();
    }
    return true;
  }

  /**
   * Sends what became of work. What cannot be sent is told by an error that can, which keeps what a thrown one said.
   * False where the box could not be had.
   */
  sendOutcome(kind: number, id: number, ok: boolean, value: unknown): boolean {
    try {
      return this.send([kind, id, ok, value], 3, ok ? 'result' : 'thrown');
    } catch (error) {
      if (!ok && error instanceof UncloneableError) error.say(value);
      return this.send([kind, id, false, error], 3, 'thrown');
    }
  }

  #post(
    message: readonly unknown[],
    fixed: number,
    name: string,
    functions: Functions | undefined,
    transfer: readonly TransferListItem[] | undefined,
  ): void {
    const number = ++this.#number;
    const done = pack(message, functions, transfer);
    const parcel: Parcel =
      'plain' in done ? { number, plain: done.plain as unknown[] } : { number, packed: done.packed };
    try {
      this.#port.postMessage(parcel, done.moved);
    } catch (error) {
      const mayCall = functions?.keep !== undefined;
      for (const [i, part] of message.slice(fixed).entries()) {
        const found = findUncloneable(part, name === 'args' ? `args[${i}]` : name, mayCall);
        if (found !== undefined) throw new UncloneableError(found.path, found.what, { cause: error });
      }
      if (transfer !== undefined && transfer.length > 0) {
        throw new InvalidArgumentError(
          `transfer holds something that cannot be moved: ${(error as Error).message}`,
        );
      }
      throw error;
    }
    writeElsewhere(this.#out.bytes, number);
  }

  /** The message in the box; undefined where there is none. */
  receive(): unknown[] | undefined {
    if (!this.#in.take()) return undefined;
    try {
      const message = read(this.#in.bytes);
      if (message !== undefined) return message;
      const number = readElsewhere(this.#in.bytes);
      for (;;) {
        const parcel = this.#receiveOn(this.#port)?.message as Parcel | undefined;
        if (parcel === undefined) return undefined;
        if (parcel.number !== number) continue;
        return parcel.packed === undefined
          ? parcel.plain
          : (unpack(parcel.packed, this.#functions) as unknown[]);
      }
    } finally {
      this.#in.release();
    }
  }
}
