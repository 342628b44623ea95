// One side's end of a channel: it sends into one box and receives from the other.
//
// Guarantees:
// - what cannot be cloned is refused before anything is sent, with its path, and the link is as good as before;
// - a message that came through the port belongs to the box that announced it: others are dropped.
import type { MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { InvalidArgumentError, UncloneableError } from '../errors.js';
import { read, readElsewhere, write, writeElsewhere } from './codec.js';
import type { Incoming, Outgoing, Packed } from './marks.js';
import { pack } from './pack.js';
import type { TransferListItem } from './transfer-list.js';
import { refusalOf } from './uncloneable.js';
import { unpack } from './unpack.js';

/** Where a message is written: claimed, then published or released. */
export interface Outbox {
  readonly bytes: Buffer;
  claim(): boolean;
  publish(): void;
  release(): void;
}

/** Where one is read: taken, then released. */
export interface Inbox {
  readonly bytes: Buffer;
  take(): boolean;
  release(): void;
}

interface Parcel {
  readonly number: number;
  readonly plain?: unknown[];
  readonly packed?: Packed;
}

/** From where on a message has a user's values, and what each one is called. */
export interface Parts {
  readonly from: number;
  readonly name: (at: number) => string;
}

/** A call's, whose context is at `from`; `own` of the arguments are the operation's own. */
export function callParts(own: number, from = 4): Parts {
  return {
    from,
    name: (at) =>
      at === from ? 'context' : at - from - 1 < own ? 'the object' : `args[${at - from - 1 - own}]`,
  };
}
export const CALLBACK_ARGS: Parts = { from: 4, name: (at) => `args[${at - 4}]` };
export const STEP_ARGS: Parts = { from: 5, name: (at) => `args[${at - 5}]` };
const RESULT: Parts = { from: 3, name: (at) => (at === 3 ? 'result' : 'context, or signal.reason,') };
const THROWN: Parts = { from: 3, name: (at) => (at === 3 ? 'thrown' : 'context, or signal.reason,') };

/** Why a message could not be sent, by the path in it; undefined where that is not to be seen in it. */
export function refusalIn(
  message: readonly unknown[],
  parts: Parts,
  outgoing: Outgoing | undefined,
  cause: unknown,
): UncloneableError | undefined {
  for (let i = parts.from; i < message.length; i++) {
    const refusal = refusalOf(message[i], parts.name(i), outgoing, cause);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A message that is not put together. */
export class Sealed {
  constructor(readonly packed: Packed) {}
}

export class Link {
  readonly #out: Outbox;
  readonly #in: Inbox;
  readonly #port: MessagePort;
  readonly #receiveOn: typeof receiveMessageOnPort;
  readonly #incoming: Incoming;
  #number = 0;

  constructor(
    out: Outbox,
    inward: Inbox,
    port: MessagePort,
    receiveOn: typeof receiveMessageOnPort,
    incoming: Incoming,
  ) {
    this.#out = out;
    this.#in = inward;
    this.#port = port;
    this.#receiveOn = receiveOn;
    this.#incoming = incoming;
  }

  /**
   * Sends a message. `parts` are the names of what is not the protocol's own, for an error: `args` gives `args[0].db`,
   * `result` gives `result.db`. False where the box could not be had.
   */
  send(
    message: readonly unknown[],
    parts: Parts,
    outgoing?: Outgoing,
    transfer?: readonly TransferListItem[],
  ): boolean {
    if (!this.#out.claim()) return false;
    let sent = false;
    try {
      if (transfer !== undefined || write(this.#out.bytes, message) === 0) {
        this.#post(message, parts, outgoing, transfer);
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
  sendOutcome(
    kind: number,
    id: number,
    ok: boolean,
    value: unknown,
    outgoing?: Outgoing,
    beside?: unknown,
    moved?: readonly TransferListItem[],
  ): boolean {
    try {
      const message = beside === undefined ? [kind, id, ok, value] : [kind, id, ok, value, beside];
      return this.send(message, ok ? RESULT : THROWN, outgoing, moved);
    } catch (error) {
      if (!ok && error instanceof UncloneableError) error.say(value);
      return this.send([kind, id, false, error], THROWN);
    }
  }

  #post(
    message: readonly unknown[],
    parts: Parts,
    outgoing: Outgoing | undefined,
    transfer: readonly TransferListItem[] | undefined,
  ): void {
    const number = ++this.#number;
    try {
      const done = pack(message, outgoing, transfer);
      const parcel: Parcel =
        'plain' in done ? { number, plain: done.plain as unknown[] } : { number, packed: done.packed };
      this.#port.postMessage(parcel, done.moved);
    } catch (error) {
      const refusal = refusalIn(message, parts, outgoing, error);
      if (refusal !== undefined) throw refusal;
      if (transfer !== undefined && transfer.length > 0) {
        throw new InvalidArgumentError(
          `The transfer list holds something that cannot be moved: ${(error as Error).message}`,
        );
      }
      throw error;
    }
    writeElsewhere(this.#out.bytes, number);
  }

  /** The message in the box; undefined where there is none. `broken` makes one of what cannot be put together. */
  receive(broken?: (message: unknown[], error: unknown) => unknown[]): unknown[] | undefined {
    const message = this.receiveSealed();
    if (!(message instanceof Sealed)) return message;
    try {
      return unpack(message.packed, this.#incoming) as unknown[];
    } catch (error) {
      if (broken === undefined) throw error;
      return broken(message.packed.value as unknown[], error);
    }
  }

  /** The same, but what has marks is not put together: the classes of what it holds may not be known here yet. */
  receiveSealed(): unknown[] | Sealed | undefined {
    if (!this.#in.take()) return undefined;
    try {
      const message = read(this.#in.bytes);
      if (message !== undefined) return message;
      const number = readElsewhere(this.#in.bytes);
      for (;;) {
        const parcel = this.#receiveOn(this.#port)?.message as Parcel | undefined;
        if (parcel === undefined) return undefined;
        if (parcel.number !== number) continue;
        return parcel.packed === undefined ? parcel.plain : new Sealed(parcel.packed);
      }
    } finally {
      this.#in.release();
    }
  }
}
