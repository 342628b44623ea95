// Bytes that are worth a copy of their own: structured clone would copy them twice, once into its own text and once out
// of it (150 µs for 1 MB, where this takes 60). Here they are copied once, and the copy is moved.
import type { TransferListItem } from 'node:worker_threads';

/** Bytes from which on that pays. */
export const LARGE = 32 * 1024;

const viewName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => unknown;

/** The buffers of one message. */
export class Bytes {
  /** What is moved: the caller's own, and copies that were made here. */
  readonly moved: TransferListItem[];
  readonly #copies = new Map<ArrayBuffer, ArrayBuffer>();

  constructor(transfer: readonly TransferListItem[]) {
    this.moved = [...transfer];
  }

  /** The bytes of a Buffer, without its neighbours in the pool that it was cut from. */
  buffer(value: Buffer): Uint8Array {
    const { buffer, byteOffset, byteLength } = value;
    if (this.moved.includes(buffer as ArrayBuffer)) return new Uint8Array(buffer, byteOffset, byteLength);
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    bytes.set(value);
    if (byteLength >= LARGE) this.moved.push(bytes.buffer);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength);
  }

  /** The same view of a copy of the same buffer: views that share one go on doing so. */
  view(value: ArrayBufferView): ArrayBufferView {
    const { buffer, byteOffset, byteLength } = value;
    const copy = buffer instanceof ArrayBuffer ? this.arrayBuffer(buffer) : buffer;
    if (copy === buffer) return value;
    // The class by its slot: what `constructor` says is the user's.
    const name = viewName.call(value) as 'Uint8Array' | undefined;
    return name === undefined
      ? new DataView(copy, byteOffset, byteLength)
      : new globalThis[name](copy, byteOffset, (value as Uint8Array).length);
  }

  arrayBuffer(value: ArrayBuffer): ArrayBuffer {
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const { resizable } = value as { resizable?: boolean };
    if (value.byteLength < LARGE || resizable === true || this.moved.includes(value)) return value;
    const bytes = Buffer.allocUnsafeSlow(value.byteLength);
    bytes.set(new Uint8Array(value));
    const copy = bytes.buffer as ArrayBuffer;
    this.#copies.set(value, copy);
    this.moved.push(copy);
    return copy;
  }
}
