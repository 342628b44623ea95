// What a function's result is to be moved by, in place of being copied. The idea, and the name, are those of Comlink.

import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { TransferListItem } from './transfer-list.js';

// The threads' own files and the package as a module imports it there are copies of this file.
const key = Symbol.for('isthmus.transfer');
const shared = globalThis as { [key]?: WeakMap<object, readonly TransferListItem[]> };
shared[key] ??= new WeakMap();
const lists = shared[key];

/**
 * Inside a function that `runInThread` or `toThread` runs: lets its result be moved to the caller instead of copied. What is
 * moved is unusable here afterwards.
 *
 * @param value The result: bytes, or an object that holds some.
 * @param list What is moved. Default: the bytes that `value` is.
 * @returns `value`.
 * @throws InvalidArgumentError where `value` is no object, or is no bytes and there is no list.
 * @example
 * export function decode(image) {
 *   const pixels = decodeSync(image);
 *   return transfer(pixels);
 * }
 * @since 0.1.0
 */
export function transfer<T extends object>(value: T, list?: readonly TransferListItem[]): T {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw new InvalidArgumentError(`transfer() takes an object that is moved, not ${describe(value)}.`);
  }
  if (list !== undefined && !Array.isArray(list)) {
    throw new InvalidArgumentError(`transfer()'s list is an array, not ${describe(list)}.`);
  }
  lists.set(value, list ?? [bytesOf(value)]);
  return value;
}

function bytesOf(value: object): ArrayBuffer {
  const bytes = ArrayBuffer.isView(value) ? value.buffer : value;
  if (bytes instanceof ArrayBuffer) return bytes;
  throw new InvalidArgumentError(
    `transfer() needs a list of what is moved for ${describe(value)}: transfer(value, [bytes.buffer]).`,
  );
}

/** What this value was to be moved by; once. */
export function movedWith(value: unknown): readonly TransferListItem[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const list = lists.get(value);
  if (list !== undefined) lists.delete(value);
  return list;
}
