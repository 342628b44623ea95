// What structured clone refuses, flattens or forgets, and how it crosses all the same: functions, errors and Buffers.
//
// A value that holds such a thing is copied with a mark in its place: an empty object that is listed beside the value.
// References within one message stay references, so on the other side the same object is in both places, whatever
// the value's shape is and however often it is referred to; nothing in a user's data can be taken for a mark.
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
  if (ArrayBuffer.isView(value)) return Buffer.isBuffer(value);
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

class Packer {
  readonly marks: object[] = [];
  readonly specials: Special[] = [];
  readonly #copies = new Map<object, object>();
  readonly #functions: Functions | undefined;

  constructor(functions: Functions | undefined) {
    this.#functions = functions;
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
      return this.#mark(value, {
        kind: 'buffer',
        bytes: new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      });
    }
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

  #mark(value: object, special: Special): object {
    const mark = {};
    this.#copies.set(value, mark);
    this.marks.push(mark);
    this.specials.push(special);
    return mark;
  }
}

/** The value itself where it can be sent as it is, or it with marks. */
export function pack(
  value: unknown,
  functions: Functions | undefined,
): { packed: Packed } | { plain: unknown } {
  if (!needsMarks(value)) return { plain: value };
  const packer = new Packer(functions);
  const copy = packer.copy(value);
  return { packed: { value: copy, marks: packer.marks, specials: packer.specials } };
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
