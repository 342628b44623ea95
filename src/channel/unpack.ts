// Puts what the marks stand for in their places.
import { viewOf } from './bytes.js';
import { entryNamed } from './classes.js';
import { newError, putTogether } from './errors.js';
import type { Incoming, Packed, Special } from './marks.js';

const NONE: readonly Buffer[] = [];

class Unpacker {
  readonly #incoming: Incoming | undefined;
  readonly #beside: readonly Buffer[];
  readonly #specials = new Map<object, Special>();
  readonly #made = new Map<object, unknown>();
  readonly #seen = new Set<object>();

  constructor({ marks, specials }: Packed, incoming: Incoming | undefined, beside: readonly Buffer[]) {
    this.#incoming = incoming;
    this.#beside = beside;
    marks.forEach((mark, i) => {
      this.#specials.set(mark, specials[i] as Special);
    });
    // All errors first, without what is their own: cycles may lead to them.
    for (const [mark, special] of this.#specials) {
      if (special.kind === 'error') this.#made.set(mark, newError(special.record, incoming));
    }
    for (const [mark, special] of this.#specials) {
      if (special.kind !== 'error') continue;
      this.place(special.record.own);
      putTogether(this.#made.get(mark) as Error, special.record);
    }
  }

  place(item: unknown): unknown {
    if (typeof item !== 'object' || item === null) return item;
    if (this.#made.has(item)) return this.#made.get(item);
    const special = this.#specials.get(item);
    if (special !== undefined) return this.#make(item, special);
    if (this.#seen.has(item) || ArrayBuffer.isView(item)) return item;
    this.#seen.add(item);
    if (item instanceof Map) {
      const entries = [...item];
      item.clear();
      for (const [key, value] of entries) item.set(this.place(key), this.place(value));
    } else if (item instanceof Set) {
      const items = [...item];
      item.clear();
      for (const value of items) item.add(this.place(value));
    } else {
      for (const key of Object.keys(item)) {
        const before: unknown = Reflect.get(item, key);
        const after = this.place(before);
        if (after !== before) Reflect.set(item, key, after);
      }
    }
    return item;
  }

  #make(mark: object, special: Special): unknown {
    let made: unknown;
    if (special.kind === 'buffer') {
      const { buffer, byteOffset, byteLength } = special.bytes;
      made = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    } else if (special.kind === 'beside') {
      const bytes = this.#beside[special.at] as Buffer;
      made = special.isBuffer ? bytes : bytes.buffer;
    } else if (special.kind === 'view') {
      made = viewOf(special.name, this.place(special.of) as ArrayBuffer, special.offset, special.length);
    } else if (special.kind === 'reference') {
      const { reference } = special;
      if (reference.kind === 'signal') this.place(reference);
      made = this.#incoming?.make(reference);
    } else if (special.kind === 'instance') {
      return this.#instance(mark, special.name, special.value);
    }
    this.#made.set(mark, made);
    return made;
  }

  #instance(mark: object, name: string, value: unknown): unknown {
    const entry = entryNamed(name);
    // A side that has not loaded the class gets its plain properties.
    if (entry?.decode !== undefined) {
      this.#made.set(mark, undefined);
      const made = entry.decode(this.place(value));
      this.#made.set(mark, made);
      return made;
    }
    const made = entry === undefined ? value : Object.create(entry.Class.prototype as object);
    this.#made.set(mark, made);
    const placed = this.place(value);
    if (entry !== undefined)
      Object.defineProperties(made, Object.getOwnPropertyDescriptors(placed as object));
    return made;
  }
}

/** `beside` are the bytes that came beside it. */
export function unpack(
  packed: Packed,
  incoming: Incoming | undefined,
  beside: readonly Buffer[] = NONE,
): unknown {
  return new Unpacker(packed, incoming, beside).place(packed.value);
}
