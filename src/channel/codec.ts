// A message as bytes in a box, where it is made of plain values: numbers, strings and the like are written by hand, small
// plain objects as JSON, bytes as they are. All else is left to the port, whose structured clone is faster than the
// runtime's serializer on a shared buffer (12.7 µs against 16 for an object of 1 KB), and which alone can transfer.
import { areFew, makeBytes, nameOfBytes } from './bytes.js';
import { filled, forget, hasGaps, jsonOfAll, keep } from './json.js';

const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  number: 4,
  string: 5,
  json: 6,
  bytes: 7,
  gappy: 8,
  /** One whose copy is in the text at the end, which all objects of a message share. */
  object: 9,
  port: 255,
} as const;

const MOST = 250;
/** Longer strings are faster through the port, which copies once. */
const LONG = 16 * 1024;

let isWriting = false;

/** Writes the message: how many bytes it takes. 0 where it has to go another way. */
export function write(bytes: Buffer, message: readonly unknown[]): number {
  // A getter of the one that is being written makes a call.
  if (isWriting) return 0;
  isWriting = true;
  try {
    return writeParts(bytes, message);
  } catch {
    // It threw when it was looked at, as a view of a buffer that was moved away does: the port says what is wrong.
    return 0;
  } finally {
    isWriting = false;
    forget();
  }
}

function writeParts(bytes: Buffer, message: readonly unknown[]): number {
  if (message.length > MOST) return 0;
  bytes[0] = message.length;
  let at = 1;
  let hasBytes = false;
  let objects = 0;
  for (let i = 0; i < message.length; i++) {
    const value = message[i];
    if (at + 16 > bytes.length) return 0;
    switch (typeof value) {
      case 'number':
        bytes[at] = Tag.number;
        at = bytes.writeDoubleLE(value, at + 1);
        break;
      case 'undefined':
        bytes[at++] = Tag.undefined;
        break;
      case 'boolean':
        bytes[at++] = value ? Tag.true : Tag.false;
        break;
      case 'string':
        if (value.length > LONG || at + 5 + value.length * 2 > bytes.length) return 0;
        at = writeText(bytes, at, Tag.string, value);
        break;
      case 'object': {
        if (value === null) {
          bytes[at++] = Tag.null;
          break;
        }
        const name = nameOfBytes(value);
        if (name !== -1) {
          // Two of them may be views of the same buffer, and have to be so on the other side.
          if (hasBytes || !areFew(value, name) || at + 16 + value.byteLength > bytes.length) return 0;
          hasBytes = true;
          at = writeBytes(bytes, at, name, value);
          break;
        }
        if (!keep(value)) return 0;
        bytes[at++] = Tag.object;
        objects++;
        break;
      }
      default:
        return 0;
    }
  }
  if (objects === 0) return at;
  const json = jsonOfAll();
  if (json === '' || at + 5 + json.length * 2 > bytes.length) return 0;
  return writeText(bytes, at, hasGaps() ? Tag.gappy : Tag.json, json);
}

/** As it is in memory: lone surrogates cross too. */
function writeText(bytes: Buffer, at: number, tag: number, text: string): number {
  bytes[at] = tag;
  const length = bytes.write(text, at + 5, 'utf16le');
  bytes.writeUInt32LE(length, at + 1);
  return at + 5 + length;
}

/**
 * Where the bytes begin, whose head is at `at`: between shared memory and one's own, words that are not aligned are
 * copied byte by byte, at a tenth of the speed.
 */
function bytesAt(at: number): number {
  return (at + 6 + 7) & ~7;
}

function writeBytes(bytes: Buffer, at: number, name: number, value: ArrayBufferView | ArrayBuffer): number {
  const length = value.byteLength;
  bytes[at] = Tag.bytes;
  bytes[at + 1] = name;
  bytes.writeUInt32LE(length, at + 2);
  const from =
    value instanceof ArrayBuffer
      ? new Uint8Array(value)
      : new Uint8Array(value.buffer, value.byteOffset, length);
  const start = bytesAt(at);
  bytes.set(from, start);
  return start + length;
}

/** What `write` wrote; undefined where the message is in the port. */
export function read(bytes: Buffer): unknown[] | undefined {
  const count = bytes[0] as number;
  if (count === Tag.port) return undefined;
  const message: unknown[] = new Array(count);
  let at = 1;
  let objects = 0;
  for (let i = 0; i < count; i++) {
    const tag = bytes[at++];
    switch (tag) {
      case Tag.undefined:
        message[i] = undefined;
        break;
      case Tag.null:
        message[i] = null;
        break;
      case Tag.true:
        message[i] = true;
        break;
      case Tag.false:
        message[i] = false;
        break;
      case Tag.number:
        message[i] = bytes.readDoubleLE(at);
        at += 8;
        break;
      case Tag.bytes: {
        const name = bytes[at] as number;
        const length = bytes.readUInt32LE(at + 1);
        const from = bytesAt(at - 1);
        at = from + length;
        message[i] = makeBytes(name, bytes, from, at);
        break;
      }
      case Tag.object:
        objects++;
        message[i] = OBJECT;
        break;
      default:
        message[i] = textAt(bytes, at);
        at += 4 + bytes.readUInt32LE(at);
    }
  }
  if (objects > 0) {
    const parsed: unknown = JSON.parse(textAt(bytes, at + 1));
    put(message, objects, bytes[at] === Tag.gappy ? filled(parsed) : parsed);
  }
  return message;
}

/** Stands for an object until the text is parsed. */
const OBJECT = Symbol('object');

function put(message: unknown[], objects: number, parsed: unknown): void {
  if (objects === 1) {
    message[message.indexOf(OBJECT)] = parsed;
    return;
  }
  const all = parsed as unknown[];
  for (let i = 0, next = 0; next < objects; i++) if (message[i] === OBJECT) message[i] = all[next++];
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('utf16le', at + 4, at + 4 + bytes.readUInt32LE(at));
}

/** Writes that the message of this number is in the port. */
export function writeElsewhere(bytes: Buffer, number: number): void {
  bytes[0] = Tag.port;
  bytes.writeDoubleLE(number, 1);
}

export function readElsewhere(bytes: Buffer): number {
  return bytes.readDoubleLE(1);
}
