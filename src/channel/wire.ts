// A pipe between two processes: frames, each of them a kind and a body. Where memory can be shared see words.ts and board.ts.
//
// Guarantees:
// - a frame is given on when it is whole, in the order in which it was written;
// - what was written is not written over: a pipe may take it later.
import { serialize } from './serial.js';

/** What stands before a body: its length, and its kind. */
const HEAD = 5;
/** Bytes of a body that is written by hand (see codec.ts). */
const SMALL = 2048;
/** Small frames are written into pieces of so many bytes. */
const PIECE = 64 * 1024;

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

  /** A value of any size. Throws, and writes nothing, where it cannot be cloned. */
  add(kind: number, value: unknown): void {
    const body = serialize(value);
    this.flush();
    const head = Buffer.allocUnsafe(HEAD);
    head.writeUInt32LE(body.length, 0);
    head[4] = kind;
    this.#write(head);
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
  readonly #onFrame: (kind: number, body: Buffer) => void;
  #parts: Buffer[] = [];
  #size = 0;
  /** So many bytes are needed for the next frame, or to know how many. */
  #wanted = 0;

  constructor(onFrame: (kind: number, body: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return;
    const bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    let at = 0;
    this.#wanted = HEAD;
    while (bytes.length - at >= HEAD) {
      const end = at + HEAD + bytes.readUInt32LE(at);
      if (end > bytes.length) {
        this.#wanted = end - at;
        break;
      }
      this.#onFrame(bytes[at + 4] as number, bytes.subarray(at + HEAD, end));
      at = end;
    }
    this.#parts = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#size = bytes.length - at;
  }
}
