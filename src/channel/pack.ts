// What structured clone refuses, flattens or forgets, and how it crosses all the same: functions, errors and Buffers.
//
// A value that holds such a thing is copied with a mark in its place: an empty object that is listed beside the value.
// References within one message stay references, so on the other side the same object is in both places, whatever
// the value's shape is and however often it is referred to; nothing in a user's data can be taken for a mark.
import type { TransferListItem } from 'node:worker_threads';
import { type ErrorRecord, isError, newError, putTogether, takeApart } from './errors.js';

/** What stands for a mark: `fn` a function by its number, `error` a record, `buffer` its bytes. */
export type Special =
  | { readonly kind: 'fn'; readonly id: number; readonly name: string }
  | { readonly kind: 'error'; readonly record: ErrorRecord }
  | { readonly kind: 'buffer'; readonly bytes: Uint8Array };

/** A value with marks. */
export interface Packed {
  readonly value: unknown;
  readonly marks: readonly object[];
  readonly specials: readonly Special[];
}

export type AnyFunction = (...args: unknown[]) => unknown;

/** What a side does with the functions that it sends (`keep`) or is sent (`make`); a function that nobody keeps is refused. */
export interface Functions {
  readonly keep?: (fn: AnyFunction) => number;
  readonly make?: (id: number, name: string) => AnyFunction;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Values with more parts than this, or deeper, are gone through with a set of what was seen: they may be cyclic. */
const MANY = 2000;
const DEEP = 50;
let parts = 0;
/**
 * Bytes from which on it pays to copy them here and move the copy: structured clone would copy them twice, once into its
 * own text and once out of it (150 µs for 1 MB, where this takes 60).
 */
const LARGE = 32 * 1024;

/** Is there anything in it that needs a mark? Most values have none, and are sent as they are. */
function needsMarks(value: unknown): boolean {
  parts = 0;
  return looks(value, 0, undefined) ?? looks(value, 0, new Set()) === true;
}

/** Undefined where it cannot be told without a set. */
function looks(value: unknown, depth: number, seen: Set<object> | undefined): boolean | undefined {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (seen === undefined) {
    if (depth > DEEP || ++parts > MANY) return undefined;
  } else {
    if (seen.has(value)) return false;
    seen.add(value);
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object' || typeof item === 'function') {
        const found = looks(item, depth + 1, seen);
        if (found !== false) return found;
      }
    }
    return false;
  }
  if (isPlain(value)) {
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === 'object' || typeof item === 'function') {
        const found = looks(item, depth + 1, seen);
        if (found !== false) return found;
      }
    }
    return false;
  }
  if (ArrayBuffer.isView(value)) return Buffer.isBuffer(value) || value.buffer.byteLength >= LARGE;
  if (value instanceof ArrayBuffer) return value.byteLength >= LARGE;
  if (value instanceof Map || value instanceof Set) {
    // A Map's items are its entries.
    for (const item of value) {
      const found = looks(item, depth + 1, seen);
      if (found !== false) return found;
    }
    return false;
  }
  return isError(value);
}

const viewName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => unknown;

class Packer {
  readonly marks: object[] = [];
  readonly specials: Special[] = [];
  /** What is moved: the caller's own, and copies that were made here. */
  readonly moved: TransferListItem[];
  readonly #copies = new Map<object, object>();
  readonly #functions: Functions | undefined;

  constructor(functions: Functions | undefined, transfer: readonly TransferListItem[]) {
    this.#functions = functions;
    this.moved = [...transfer];
  }

  copy(value: unknown): unknown {
    if (typeof value === 'function') {
      // Left where it is, the clone refuses it and says where it was.
      if (this.#functions?.keep === undefined) return value;
      const known = this.#copies.get(value);
      if (known !== undefined) return known;
      const id = this.#functions.keep(value as AnyFunction);
      return this.#mark(value, { kind: 'fn', id, name: value.name });
    }
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const copy: unknown[] = new Array(value.length);
      this.#copies.set(value, copy);
      for (const key of Object.keys(value)) Reflect.set(copy, key, this.copy(Reflect.get(value, key)));
      return copy;
    }
    if (Buffer.isBuffer(value)) {
      return this.#mark(value, { kind: 'buffer', bytes: this.#bytes(value) });
    }
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (value instanceof ArrayBuffer) return this.#buffer(value);
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>();
      this.#copies.set(value, copy);
      for (const [key, item] of value) copy.set(this.copy(key), this.copy(item));
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>();
      this.#copies.set(value, copy);
      for (const item of value) copy.add(this.copy(item));
      return copy;
    }
    if (isError(value)) {
      const record = takeApart(value);
      const own: Record<string, unknown> = {};
      const mark = this.#mark(value, { kind: 'error', record: { ...record, own } });
      for (const [key, item] of Object.entries(record.own)) own[key] = this.copy(item);
      return mark;
    }
    if (!isPlain(value)) return value;
    const copy = {};
    this.#copies.set(value, copy);
    for (const key of Object.keys(value)) {
      const item = this.copy(Reflect.get(value, key));
      Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true });
    }
    return copy;
  }

  /** The bytes of a Buffer, without its neighbours in the pool that it was cut from. */
  #bytes(value: Buffer): Uint8Array {
    const { buffer, byteOffset, byteLength } = value;
    if (this.moved.includes(buffer as ArrayBuffer)) return new Uint8Array(buffer, byteOffset, byteLength);
    const bytes = Buffer.allocUnsafeSlow(byteLength);
    bytes.set(value);
    if (byteLength >= LARGE) this.moved.push(bytes.buffer);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength);
  }

  /** The same view of a copy of the same buffer: views that share one go on doing so. */
  #view(value: ArrayBufferView): ArrayBufferView {
    const { buffer, byteOffset, byteLength } = value;
    const copy = buffer instanceof ArrayBuffer ? this.#buffer(buffer) : buffer;
    if (copy === buffer) return value;
    // The class by its slot: what `constructor` says is the user's.
    const name = viewName.call(value) as 'Uint8Array' | undefined;
    const same =
      name === undefined
        ? new DataView(copy, byteOffset, byteLength)
        : new globalThis[name](copy, byteOffset, (value as Uint8Array).length);
    this.#copies.set(value, same);
    return same;
  }

  #buffer(value: ArrayBuffer): ArrayBuffer {
    const known = this.#copies.get(value) as ArrayBuffer | undefined;
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

  #mark(value: object, special: Special): object {
    const mark = {};
    this.#copies.set(value, mark);
    this.marks.push(mark);
    this.specials.push(special);
    return mark;
  }
}

/** A value that is ready to be posted: itself where it can be sent as it is, or it with marks; and what is moved. */
export type Ready = ({ readonly packed: Packed } | { readonly plain: unknown }) & {
  readonly moved: readonly TransferListItem[];
};

const NOTHING: readonly TransferListItem[] = [];

export function pack(
  value: unknown,
  functions: Functions | undefined,
  transfer: readonly TransferListItem[] = NOTHING,
): Ready {
  if (!needsMarks(value)) return { plain: value, moved: transfer };
  const packer = new Packer(functions, transfer);
  const copy = packer.copy(value);
  const { marks, specials, moved } = packer;
  if (marks.length === 0) return { plain: copy, moved };
  return { packed: { value: copy, marks, specials }, moved };
}

/** Puts what the marks stand for in their places. */
export function unpack({ value, marks, specials }: Packed, functions: Functions | undefined): unknown {
  const made = new Map<object, unknown>();
  marks.forEach((mark, i) => {
    const special = specials[i] as Special;
    if (special.kind === 'error') made.set(mark, newError(special.record));
    else if (special.kind === 'buffer') {
      made.set(mark, Buffer.from(special.bytes.buffer, special.bytes.byteOffset, special.bytes.byteLength));
    } else made.set(mark, functions?.make?.(special.id, special.name));
  });
  const seen = new Set<object>();
  const place = (item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if (made.has(item)) return made.get(item);
    if (seen.has(item) || ArrayBuffer.isView(item)) return item;
    seen.add(item);
    if (item instanceof Map) {
      const entries = [...item];
      item.clear();
      for (const [key, value] of entries) item.set(place(key), place(value));
    } else if (item instanceof Set) {
      const items = [...item];
      item.clear();
      for (const value of items) item.add(place(value));
    } else {
      for (const key of Object.keys(item)) {
        const before: unknown = Reflect.get(item, key);
        const after = place(before);
        if (after !== before) Reflect.set(item, key, after);
      }
    }
    return item;
  };
  for (const special of specials) {
    if (special.kind === 'error') place(special.record.own);
  }
  marks.forEach((mark, i) => {
    const special = specials[i] as Special;
    if (special.kind === 'error') putTogether(made.get(mark) as Error, special.record);
  });
  return place(value);
}
