// A message as bytes in a box. Numbers, strings and the like are written by hand; small structured values by the
// runtime's own serializer; whatever does not fit, or only a port can clone or transfer, is left to the port.
import { deserialize, serialize } from 'node:v8';
import { type Functions, type Packed, pack, unpack } from './pack.js';
import { BOX_BYTES } from './words.js';

const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  number: 4,
  string: 5,
  plain: 6,
  packed: 7,
  port: 255,
} as const;

/** Strings and bytes above this are faster through the port, which copies once. */
const LONG = 16 * 1024;

function isLarge(value: object): boolean {
  return (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) && value.byteLength > LONG;
}

/** Writes the message; false where it has to go through the port instead. */
export function write(bytes: Buffer, message: readonly unknown[], functions: Functions | undefined): boolean {
  let at = 1;
  bytes[0] = message.length;
  if (message.length > 250) return false;
  for (let i = 0; i < message.length; i++) {
    const value = message[i];
    if (at + 16 > BOX_BYTES) return false;
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
      case 'string': {
        if (value.length > LONG || at + 5 + value.length * 2 > BOX_BYTES) return false;
        bytes[at] = Tag.string;
        // As it is in memory: lone surrogates cross too.
        const length = bytes.write(value, at + 5, 'utf16le');
        bytes.writeUInt32LE(length, at + 1);
        at += 5 + length;
        break;
      }
      default: {
        if (value === null) {
          bytes[at++] = Tag.null;
          break;
        }
        if (typeof value === 'object' && isLarge(value)) return false;
        const done = pack(value, functions);
        let serialized: Buffer;
        try {
          serialized = serialize('plain' in done ? done.plain : done.packed);
        } catch {
          return false;
        }
        if (at + 5 + serialized.length > BOX_BYTES) return false;
        bytes[at] = 'plain' in done ? Tag.plain : Tag.packed;
        bytes.writeUInt32LE(serialized.length, at + 1);
        bytes.set(serialized, at + 5);
        at += 5 + serialized.length;
      }
    }
  }
  return true;
}

/** What `write` wrote; undefined where the message is in the port. */
export function read(bytes: Buffer, functions: Functions | undefined): unknown[] | undefined {
  const count = bytes[0] as number;
  if (count === Tag.port) return undefined;
  const message: unknown[] = new Array(count);
  let at = 1;
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
      default: {
        const length = bytes.readUInt32LE(at);
        at += 4;
        if (tag === Tag.string) message[i] = bytes.toString('utf16le', at, at + length);
        else {
          // Copied out of the shared memory, for the other side writes there again.
          const value: unknown = deserialize(Buffer.from(bytes.subarray(at, at + length)));
          message[i] = tag === Tag.packed ? unpack(value as Packed, functions) : value;
        }
        at += length;
      }
    }
  }
  return message;
}

/** Writes that the message of this number is in the port. */
export function writeElsewhere(bytes: Buffer, number: number): void {
  bytes[0] = Tag.port;
  bytes.writeDoubleLE(number, 1);
}

export function readElsewhere(bytes: Buffer): number {
  return bytes.readDoubleLE(1);
}
