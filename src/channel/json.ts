// Small plain data as JSON text, where that is exactly what structured clone would give: for an object of 1 KB writing
// and reading the text takes 5 µs, and a way through the port 7 and a system call.
import { types } from 'node:util';

/** Values of one message, and objects among them; more are left to the port. */
const MOST_PARTS = 256;
const MOST_OBJECTS = 32;
/** UTF-16 units of all strings. */
const MOST_TEXT = 8 * 1024;

const seen: unknown[] = new Array(MOST_OBJECTS);
let objects = 0;
let parts = 0;
let text = 0;

/** Stands for undefined, which JSON does not know; a message with such a string goes another way. */
const UNDEFINED = '\0undefined';
let gaps = 0;

/** What is written of this message so far: a copy of each object, all of them as one text. */
const copies: unknown[] = [];

/** To be called after the last value of a message: an object that is in two of them has to be one on the other side too. */
export function forget(): void {
  while (objects > 0) seen[--objects] = undefined;
  copies.length = 0;
  parts = 0;
  text = 0;
  gaps = 0;
}

/** Does any object of this message hold an undefined? Then `filled` makes the value of what was parsed. */
export function hasGaps(): boolean {
  return gaps > 0;
}

/** The value that was parsed, with each undefined in its place. */
export function filled(value: unknown): unknown {
  if (value === UNDEFINED) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const parts = value as Record<string, unknown>;
  for (const key of Object.keys(parts)) parts[key] = filled(parts[key]);
  return value;
}

/** Keeps a copy of an object for the message's text; false where it would not be the same on the other side, or is large. */
export function keep(value: object): boolean {
  try {
    const copy = copyOf(value);
    if (copy === REFUSED) return false;
    copies.push(copy);
    return true;
  } catch {
    // A getter threw, or it is too deep: the port says what is wrong.
    return false;
  }
}

/** The JSON text of all that was kept: of one object itself, and else of an array of them. '' where it would not be the same. */
export function jsonOfAll(): string {
  return isPolluted() ? '' : JSON.stringify(copies.length === 1 ? copies[0] : copies);
}

/** Is there something that all objects have, and so the copies too, which JSON would look at? */
function isPolluted(): boolean {
  for (const _ in Array.prototype) return true;
  return 'toJSON' in Array.prototype;
}

/** What is written is a copy: each getter is read once, as structured clone does, and what it gave is what was judged. */
const REFUSED = Symbol('refused');

function copyOf(value: unknown): unknown {
  if (++parts > MOST_PARTS) return REFUSED;
  switch (typeof value) {
    case 'string':
      text += value.length;
      return text <= MOST_TEXT && value !== UNDEFINED ? value : REFUSED;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0) ? value : REFUSED;
    case 'boolean':
      return value;
    case 'undefined':
      gaps++;
      return UNDEFINED;
    case 'object':
      return value === null ? null : copyOfObject(value);
    default:
      return REFUSED;
  }
}

function copyOfObject(value: object): unknown {
  for (let i = 0; i < objects; i++) if (seen[i] === value) return REFUSED;
  if (objects === MOST_OBJECTS) return REFUSED;
  seen[objects++] = value;
  if (types.isProxy(value) || Symbol.asyncIterator in value) return REFUSED;
  if (Array.isArray(value)) return copyOfArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return REFUSED;
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    // As a property of the copy it would be the copy's prototype.
    if (key === '__proto__') return REFUSED;
    text += key.length;
    const item = copyOf((value as Record<string, unknown>)[key]);
    if (item === REFUSED) return REFUSED;
    copy[key] = item;
  }
  return copy;
}

function copyOfArray(value: readonly unknown[]): unknown {
  // No holes, and no properties beside the items.
  if (value.length > MOST_PARTS || Object.keys(value).length !== value.length) return REFUSED;
  if (Object.getPrototypeOf(value) !== Array.prototype) return REFUSED;
  const copy: unknown[] = [];
  for (let i = 0; i < value.length; i++) {
    const item = copyOf(value[i]);
    if (item === REFUSED || (item === UNDEFINED && !(i in value))) return REFUSED;
    copy.push(item);
  }
  return copy;
}
