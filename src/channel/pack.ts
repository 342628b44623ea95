// What structured clone refuses, flattens or forgets, and how it crosses all the same: functions, errors, Buffers,
// instances of registered classes, and what stays where it is and is spoken of by a reference.
//
// A value that holds such a thing is copied with a mark in its place. References within one message stay references, so
// on the other side the same object is in both places, whatever the value's shape is and however often it is referred
// to; nothing in a user's data can be taken for a mark.
import { types } from 'node:util';
import { UncloneableError } from '../errors.js';
import { areLarge, Bytes, LARGE, nameOfView } from './bytes.js';
import { type Entry, entryOf, isRefused } from './classes.js';
import { isError, takeApart } from './errors.js';
import type { Outgoing, Packed, Special } from './marks.js';
import type { TransferListItem } from './transfer-list.js';

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Values with more parts than this, or deeper, are gone through with a set of what was seen: they may be cyclic. */
const MANY = 2000;
const DEEP = 50;
/**
 * Values that are nested deeper are refused: to put them together the other side would need more stack than it may have, and
 * whoever fails at that cannot tell whose message it was. (Where nothing else is on the stack, 1,800 levels work.)
 */
export const DEEPEST = 1000;
/** An array of so many is hardly one without holes. */
const SPARSE = 1_000_000;
let parts = 0;
/** What was gone through for its depth alone. */
const deep = new Set<object>();

/** Is there anything in it that needs a mark? Most values have none, and are sent as they are. */
function needsMarks(value: unknown, outgoing: Outgoing | undefined): boolean {
  parts = 0;
  try {
    return looks(value, 0, undefined, outgoing) ?? looks(value, 0, new Set(), outgoing) === true;
  } finally {
    if (deep.size > 0) deep.clear();
  }
}

/** Undefined where it cannot be told without a set. */
function looks(
  value: unknown,
  depth: number,
  seen: Set<object> | undefined,
  outgoing: Outgoing | undefined,
): boolean | undefined {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  if (seen === undefined) {
    if (depth > DEEP || ++parts > MANY) return undefined;
  } else {
    if (seen.has(value)) return false;
    if (depth > DEEPEST) throw tooDeep('A value', undefined);
    seen.add(value);
  }
  // Nothing of it is looked at: a handle's is a call, and another one is refused.
  if (types.isProxy(value)) return true;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value.length > SPARSE ? Object.values(value) : value;
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (typeof item === 'object' || typeof item === 'function') {
        const found = looks(item, depth + 1, seen, outgoing);
        if (found !== false) return found;
      }
    }
    return false;
  }
  if (isPlain(value)) {
    if (Symbol.asyncIterator in value) return true;
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === 'object' || typeof item === 'function') {
        const found = looks(item, depth + 1, seen, outgoing);
        if (found !== false) return found;
      }
    }
    return false;
  }
  if (ArrayBuffer.isView(value)) return Buffer.isBuffer(value) || value.buffer.byteLength >= LARGE;
  if (value instanceof ArrayBuffer) return value.byteLength >= LARGE;
  if (value instanceof Map) {
    for (const [key, item] of value) {
      for (const part of [key, item]) {
        const found = looks(part, depth + 1, seen, outgoing);
        if (found !== false) return found;
      }
    }
    return false;
  }
  if (value instanceof Set) {
    for (const item of value) {
      const found = looks(item, depth + 1, seen, outgoing);
      if (found !== false) return found;
    }
    return false;
  }
  const isMarked =
    isError(value) ||
    isRefused(value, outgoing?.byWire) ||
    entryOf(value, false) !== undefined ||
    outgoing?.wants(value) === true;
  if (!isMarked) checkDepth(value, depth, deep);
  return isMarked;
}

/** Refuses what is too deep in an object of a class, in which no mark is looked for. */
function checkDepth(value: unknown, depth: number, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  if (ArrayBuffer.isView(value) || types.isProxy(value)) return;
  if (depth > DEEPEST) throw tooDeep('A value', undefined);
  seen.add(value);
  if (value instanceof Map) {
    for (const [key, item] of value) {
      checkDepth(key, depth + 1, seen);
      checkDepth(item, depth + 1, seen);
    }
  } else if (value instanceof Set) for (const item of value) checkDepth(item, depth + 1, seen);
  else for (const key of Object.keys(value)) checkDepth(Reflect.get(value, key), depth + 1, seen);
}

/** The refusal of what is nested too deep. */
export function tooDeep(path: string, outgoing: Outgoing | undefined): UncloneableError {
  const what = `nested too deep (more than ${DEEPEST} levels)`;
  const to = outgoing?.byWire === true ? 'process' : 'thread';
  return new UncloneableError(path, what, undefined, 'Send it flat: as a list, or as text.', to);
}

/** What the clone would not refuse, but should. */
class Refused extends Error {}

class Packer {
  readonly marks: object[] = [];
  readonly specials: Special[] = [];
  readonly bytes: Bytes;
  readonly #copies = new Map<object, object>();
  readonly #outgoing: Outgoing | undefined;
  readonly #deep = new Set<object>();
  #depth = 0;

  constructor(outgoing: Outgoing | undefined, transfer: readonly TransferListItem[]) {
    this.#outgoing = outgoing;
    this.bytes = new Bytes(transfer, outgoing?.byWire !== true);
  }

  copy(value: unknown): unknown {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (this.#depth > DEEPEST) throw tooDeep('A value', this.#outgoing);
    this.#depth++;
    const copy = this.#copyOf(value);
    this.#depth--;
    return copy;
  }

  #copyOf(value: object): unknown {
    // Left where it is, the clone refuses it and says where it was.
    if (types.isProxy(value) && this.#outgoing?.isHandle?.(value) !== true) return value;
    if (Array.isArray(value)) {
      const copy: unknown[] = new Array(value.length);
      this.#copies.set(value, copy);
      this.#copyOwn(value, copy);
      return copy;
    }
    const reference = this.#outgoing?.keep(value);
    if (reference !== undefined) {
      // A signal's reason may be anything.
      const whole =
        reference.kind === 'signal' ? { ...reference, reason: this.copy(reference.reason) } : reference;
      return this.#mark(value, { kind: 'reference', reference: whole });
    }
    // Left where it is, the clone refuses it and says where it was.
    if (typeof value === 'function') return value;
    const { beside } = this.#outgoing ?? {};
    if (beside !== undefined && areLarge(value)) return this.#beside(value, beside);
    if (Buffer.isBuffer(value)) return this.#mark(value, { kind: 'buffer', bytes: this.bytes.buffer(value) });
    if (ArrayBuffer.isView(value)) return this.#known(value, this.bytes.view(value));
    if (value instanceof ArrayBuffer) return this.bytes.arrayBuffer(value);
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
      const record = takeApart(value, this.#outgoing);
      const own: Record<string, unknown> = {};
      const mark = this.#mark(value, { kind: 'error', record: { ...record, own } });
      for (const [key, item] of Object.entries(record.own)) own[key] = this.copy(item);
      return mark;
    }
    const entry = entryOf(value, false);
    if (entry !== undefined) return this.#instance(value, entry);
    if (isRefused(value, this.#outgoing?.byWire)) throw new Refused();
    if (!isPlain(value)) {
      checkDepth(value, this.#depth, this.#deep);
      return value;
    }
    const copy = {};
    this.#copies.set(value, copy);
    this.#copyOwn(value, copy);
    return copy;
  }

  /** Large bytes go beside the message, and views of the same ones go on sharing them. */
  #beside(value: ArrayBuffer | ArrayBufferView, beside: Uint8Array[]): object {
    const isBuffer = Buffer.isBuffer(value);
    if (isBuffer || value instanceof ArrayBuffer) {
      const at = beside.push(isBuffer ? value : new Uint8Array(value)) - 1;
      return this.#mark(value, { kind: 'beside', at, isBuffer });
    }
    const name = nameOfView(value);
    const length = name === 'DataView' ? value.byteLength : (value as Uint8Array).length;
    const of = this.copy(value.buffer) as object;
    return this.#mark(value, { kind: 'view', name, of, offset: value.byteOffset, length });
  }

  #copyOwn(value: object, copy: object): void {
    for (const key of Object.keys(value)) {
      const item = this.copy(Reflect.get(value, key));
      Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true });
    }
  }

  #instance(value: object, { name, encode }: Entry): object {
    if (encode !== undefined) {
      return this.#mark(value, { kind: 'instance', name, value: this.copy(encode(value)) });
    }
    const own = {};
    const mark = this.#mark(value, { kind: 'instance', name, value: own });
    this.#copyOwn(value, own);
    return mark;
  }

  #known<T extends object>(value: T, copy: T): T {
    if (copy !== value) this.#copies.set(value, copy);
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
  outgoing: Outgoing | undefined,
  transfer: readonly TransferListItem[] = NOTHING,
): Ready {
  if (!needsMarks(value, outgoing)) return { plain: value, moved: transfer };
  const packer = new Packer(outgoing, transfer);
  const copy = packer.copy(value);
  const { marks, specials } = packer;
  const { moved } = packer.bytes;
  if (marks.length === 0) return { plain: copy, moved };
  return { packed: { value: copy, marks, specials }, moved };
}

/** In one form, whether it needed marks or not. */
export function packedOf(ready: Ready): Packed {
  return 'packed' in ready ? ready.packed : { value: ready.plain, marks: [], specials: [] };
}
