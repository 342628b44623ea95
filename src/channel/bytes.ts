// Bytes. Few of them, on their own, are copied into a box and out of it (1 KB to the other side and back takes 6 µs where
// the port takes 30). Large ones are copied once and the copy is moved through the port, where structured clone would
// copy them twice, once into its own text and once out of it. A box would be no faster for them: between shared memory
// and one's own V8 copies at half the speed, and most of the time goes into page faults of the new copy anyway.
import { types } from 'node:util';
import type { ViewName } from './marks.js';
import type { TransferListItem } from './transfer-list.js';

/** Bytes from which on they are moved. */
export const LARGE = 32 * 1024;

const viewName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => unknown;

type View = new (buffer: ArrayBuffer) => ArrayBufferView;

/** What crosses as bytes alone; the place in this list is its name. */
const KINDS: readonly (View | undefined)[] = [
  Uint8Array,
  undefined,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
  DataView,
];
const BUFFER = 1;
const ARRAY_BUFFER = KINDS.length;
const names = new Map<object, number>(
  KINDS.map((View, name) => [(View ?? Buffer).prototype as object, name] as const),
);
names.set(ArrayBuffer.prototype, ARRAY_BUFFER);

/** The number that its class has between two sides; -1 for what is no bytes, or of a class of its own. */
export function nameOfBytes(value: object): number {
  if (!ArrayBuffer.isView(value) && !types.isArrayBuffer(value)) return -1;
  return names.get(Object.getPrototypeOf(value) as object) ?? -1;
}

/** Few, all there is of their buffer, and that an ordinary one? Of a Buffer only its own part is ever sent. */
export function areFew(value: object, name: number): value is ArrayBufferView | ArrayBuffer {
  const { buffer } = value as ArrayBufferView;
  const whole = (name === ARRAY_BUFFER ? value : buffer) as ArrayBuffer & { resizable?: boolean };
  if (!(whole instanceof ArrayBuffer) || whole.resizable === true) return false;
  const { byteLength } = value as ArrayBufferView;
  // One without bytes may be a detached one, which the port refuses.
  return byteLength > 0 && byteLength < LARGE && (name === BUFFER || byteLength === whole.byteLength);
}

/** An object of that class with a copy of these bytes. */
export function makeBytes(
  name: number,
  bytes: Buffer,
  from: number,
  to: number,
): ArrayBufferView | ArrayBuffer {
  const copy = Buffer.allocUnsafeSlow(to - from);
  copy.set(bytes.subarray(from, to));
  if (name === BUFFER) return copy;
  const buffer = copy.buffer as ArrayBuffer;
  return name === ARRAY_BUFFER ? buffer : new (KINDS[name] as View)(buffer);
}

/** The class of a view by its slot: what `constructor` says is the user's. One name stands for all of the typed arrays. */
export function nameOfView(value: ArrayBufferView): ViewName {
  return (viewName.call(value) as ViewName | undefined) ?? 'DataView';
}

export function viewOf(name: ViewName, buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView {
  return new (
    globalThis[name] as new (
      buffer: ArrayBuffer,
      offset: number,
      length: number,
    ) => ArrayBufferView
  )(buffer, offset, length);
}

/** Is it so large that its bytes should go beside a message by themselves? */
export function areLarge(value: object): value is ArrayBuffer | ArrayBufferView {
  const bytes = Buffer.isBuffer(value) ? value : ArrayBuffer.isView(value) ? value.buffer : value;
  const isOwn = bytes instanceof ArrayBuffer || Buffer.isBuffer(bytes);
  return isOwn && bytes.byteLength >= LARGE && (bytes as { resizable?: boolean }).resizable !== true;
}

/** The buffers of one message. */
export class Bytes {
  /** What is moved: the caller's own, and copies that were made here. */
  readonly moved: TransferListItem[];
  readonly #copies = new Map<ArrayBuffer, ArrayBuffer>();
  /** From how many bytes on a copy is moved. */
  readonly #large: number;

  constructor(transfer: readonly TransferListItem[], moves: boolean) {
    this.moved = [...transfer];
    this.#large = moves ? LARGE : Number.POSITIVE_INFINITY;
  }

  /** The bytes of a Buffer, without its neighbours in the pool that it was cut from. */
  buffer(value: Buffer): Uint8Array {
    const { buffer, byteOffset, byteLength } = value;
    if (this.moved.includes(buffer as ArrayBuffer)) return new Uint8Array(buffer, byteOffset, byteLength);
    const isAlone = byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
    if (isAlone && this.#large === Number.POSITIVE_INFINITY) return new Uint8Array(buffer);
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    bytes.set(value);
    if (byteLength >= this.#large) this.moved.push(bytes.buffer);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength);
  }

  /** The same view of a copy of the same buffer: views that share one go on doing so. */
  view(value: ArrayBufferView): ArrayBufferView {
    const { buffer, byteOffset, byteLength } = value;
    const copy = buffer instanceof ArrayBuffer ? this.arrayBuffer(buffer) : buffer;
    if (copy === buffer) return value;
    const name = nameOfView(value);
    return viewOf(
      name,
      copy as ArrayBuffer,
      byteOffset,
      name === 'DataView' ? byteLength : (value as Uint8Array).length,
    );
  }

  arrayBuffer(value: ArrayBuffer): ArrayBuffer {
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const { resizable } = value as { resizable?: boolean };
    if (value.byteLength < this.#large || resizable === true || this.moved.includes(value)) return value;
    const bytes = Buffer.allocUnsafeSlow(value.byteLength);
    bytes.set(new Uint8Array(value));
    const copy = bytes.buffer as ArrayBuffer;
    this.#copies.set(value, copy);
    this.moved.push(copy);
    return copy;
  }
}
