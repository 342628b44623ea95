// What stands for a function of the user's across threads: the function itself, its written address, or its source.
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import { type Address, addressOf, checkAddress } from './address.js';
import { sourceOf } from './source.js';

const written = new Map<string, Address>();
const sources = new WeakMap<object, { readonly source: string }>();

/** Throws InvalidArgumentError for what is neither a function nor an object that may be an address. */
export function checkTarget(call: string, fn: unknown): void {
  if (typeof fn === 'function' || (typeof fn === 'object' && fn !== null)) return;
  throw new InvalidArgumentError(
    `${call}() takes an exported function, or its address like { module, name }, not ${describe(fn)}.`,
  );
}

/** The same object for the same function or address, however often it is given. `call` is the name to speak of. */
export function keyOf(call: string, fn: unknown): object {
  checkTarget(call, fn);
  if (typeof fn === 'function') return fn;
  const address = checkAddress(fn);
  const text = `${address.module} ${address.name}`;
  const same = written.get(text) ?? address;
  written.set(text, same);
  return same;
}

/** The same for a function that is sent by its source. */
export function sourceKeyOf(fn: (...args: never[]) => unknown): object {
  const same = sources.get(fn) ?? { source: sourceOf(fn) };
  sources.set(fn, same);
  return same;
}

/** What the other side finds the function of this key by. */
export function targetOf(key: object): unknown {
  return typeof key === 'function' ? addressOf(key as never) : key;
}
