// A pipe between two processes: frames, each of them a kind and a body. Where memory can be shared see words.ts and board.ts.
//
// Guarantees:
// - a frame is given on when it is whole, in the order in which it was written;
// - what was written is not written over: a pipe may take it later;
// - what is no frame throws.
import { serialize } from './serial.js';

/** What stands before a body: its length, and its kind. */
const HEAD = 5;
/** Bytes of a body that is written by hand (see codec.ts). */
const SMALL = 2048;
/** Small frames are written into pieces of so many bytes. */
const PIECE = 64 * 1024;
/** The kind of a frame that is bytes alone, which belong to the next one. */
const BESIDE = 0;
/** No other pipe has kinds beyond this one. */
const LAST_KIND = 8;

const NONE: readonly Uint8Array[] = [];
const NOTHING: readonly Buffer[] = [];
const EMPTY = Buffer.alloc(0);

/** Frames on their way out. Small ones are gathered: many of them take one system call. */
export class Outlet {
  readonly #write: (bytes: Uint8Array) => void;
  #piece = Buffer.allocUnsafeSlow(PIECE);
  #begun = 0;
  #at = 0;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /** Room for the body of a small frame. */
  open(): Buffer {
    if (PIECE - this.#at < HEAD + SMALL) {
      this.flush();
      this.#piece = Buffer.allocUnsafeSlow(PIECE);
      this.#begun = 0;
      this.#at = 0;
    }
    const from = this.#at + HEAD;
    return this.#piece.subarray(from, from + SMALL);
  }

  /** So many bytes were written there. */
  close(kind: number, length: number): void {
    this.#piece.writeUInt32LE(length, this.#at);
    this.#piece[this.#at + 4] = kind;
    this.#at += HEAD + length;
  }

  /** A value of any size. Throws, and writes nothing, where it cannot be cloned. `beside`: bytes that go before it, as they are. */
  add(kind: number, value: unknown, beside: readonly Uint8Array[] = NONE): void {
    this.addBytes(kind, serialize(value), beside);
  }

  /** The same for a value that is serialized already. */
  addBytes(kind: number, body: Uint8Array, beside: readonly Uint8Array[] = NONE): void {
    for (const bytes of beside) this.#frame(BESIDE, bytes);
    this.#frame(kind, body);
  }

  #frame(kind: number, body: Uint8Array): void {
    // Its head goes with what is gathered.
    this.open();
    this.#piece.writeUInt32LE(body.byteLength, this.#at);
    this.#piece[this.#at + 4] = kind;
    this.#at += HEAD;
    this.flush();
    this.#write(body);
  }

  flush(): void {
    if (this.#at === this.#begun) return;
    const bytes = this.#piece.subarray(this.#begun, this.#at);
    this.#begun = this.#at;
    this.#write(bytes);
  }
}

/** Frames as they come in. */
export class Inlet {
  readonly #onFrame: (kind: number, body: Buffer, beside: readonly Buffer[]) => void;
  #beside: Buffer[] = [];
  /** What has come of a head that is not whole. */
  #head: Buffer = EMPTY;
  /** A body that is not whole, its frame's kind, and how much of it there is. */
  #body: Buffer | undefined;
  #kind = 0;
  #filled = 0;

  constructor(onFrame: (kind: number, body: Buffer, beside: readonly Buffer[]) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#body !== undefined) {
      const more = bytes.copy(this.#body, this.#filled);
      this.#filled += more;
      if (this.#filled < this.#body.length) return;
      bytes = bytes.subarray(more);
      const whole = this.#body;
      this.#body = undefined;
      this.#frame(this.#kind, whole);
    }
    if (this.#head.length > 0) {
      bytes = Buffer.concat([this.#head, bytes]);
      this.#head = EMPTY;
    }
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUInt32LE(at);
      const kind = bytes[at + 4] as number;
      // Before there is room made for it: a task may have written into its process's pipe.
      if (kind > LAST_KIND) throw new RangeError('What came by a pipe is no frame');
      at += HEAD;
      if (bytes.length - at >= length) {
        const body = bytes.subarray(at, at + length);
        // Of their own: they are given to the user.
        this.#frame(kind, kind === BESIDE ? owned(body) : body);
        at += length;
      } else {
        this.#body = Buffer.allocUnsafeSlow(length);
        this.#kind = kind;
        this.#filled = bytes.copy(this.#body, 0, at);
        return;
      }
    }
    this.#head = bytes.subarray(at);
  }

  #frame(kind: number, body: Buffer): void {
    if (kind === BESIDE) {
      this.#beside.push(body);
      return;
    }
    const beside = this.#beside.length === 0 ? NOTHING : this.#beside;
    if (beside !== NOTHING) this.#beside = [];
    this.#onFrame(kind, body, beside);
  }
}

function owned(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
