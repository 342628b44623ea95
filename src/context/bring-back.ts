// What a store has become on the other side, brought back into the caller's own object: its async context cannot be changed from
// here, but the object that it holds can.

import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { Context } from './carry.js';
import { nameOfStore } from './carry.js';

type Members = Record<string, unknown>;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Can what it holds be replaced by what another one holds? */
function isFillable(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Array.isArray(value) || value instanceof Map || value instanceof Set || isPlain(value))
  );
}

/** Lets `mine` hold what `theirs` does. */
function refill(mine: unknown, theirs: unknown): void {
  if (Array.isArray(mine) && Array.isArray(theirs)) mine.splice(0, mine.length, ...theirs);
  else if (mine instanceof Map && theirs instanceof Map) {
    mine.clear();
    for (const [key, value] of theirs) mine.set(key, value);
  } else if (mine instanceof Set && theirs instanceof Set) {
    mine.clear();
    for (const value of theirs) mine.add(value);
  } else if (isFillable(mine) && isFillable(theirs)) {
    for (const key of Object.keys(mine)) if (!(key in theirs)) delete (mine as Members)[key];
    Object.assign(mine, theirs);
  }
}

/** The name and the value of a store that is to be brought back. */
export function storeToBring(storage: unknown): readonly [name: string, value: object] {
  const name = nameOfStore(storage);
  if (name === undefined) {
    throw new InvalidArgumentError(
      `handBack() takes an AsyncLocalStorage that is carried, by carry('name', storage), not ${describe(storage)}.`,
    );
  }
  const value = (storage as { getStore(): unknown }).getStore();
  if (isFillable(value)) return [name, value];
  throw new InvalidArgumentError(
    `handBack() takes a store that holds a plain object, array, Map or Set, and ${JSON.stringify(name)} holds ` +
      `${describe(value)}: put the value into an object.`,
  );
}

/** The stores' values of a call are what they have become. */
export function bringBack(context: Context | undefined, back: Context | undefined): void {
  if (context === undefined || back === undefined) return;
  for (const [name, value] of Object.entries(back)) refill(context[name], value);
}
