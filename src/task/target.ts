// What stands for a function of the user's across threads: the function itself, its written address, its source, or what
// another function makes of one of these there.
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import { type Address, addressOf, checkAddress } from './address.js';
import { sourceOf } from './source.js';

/** By what they are written as, too: to check one asks the file system, and routes and loops give the same one again and again. */
const written = new Map<string, Address>();
const sources = new WeakMap<object, { readonly source: string }>();

/** What `through` makes of `of`, by their keys. */
class Through {
  readonly through: object;
  readonly of: object;

  constructor(through: object, of: object) {
    this.through = through;
    this.of = of;
  }
}
const throughs = new WeakMap<object, WeakMap<object, Through>>();

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
  const { module, name, at } = fn as Partial<Record<keyof Address, unknown>>;
  const isText = typeof module === 'string' && typeof name === 'string' && at === undefined;
  const given = isText ? written.get(`${module} ${name}`) : undefined;
  if (given !== undefined) return given;
  const address = checkAddress(fn);
  const { line, column, hash } = address.at ?? {};
  const text = `${address.module} ${address.name}${hash ? ` ${line}:${column} ${hash}` : ''}`;
  const same = written.get(text) ?? address;
  written.set(text, same);
  if (isText) written.set(`${module} ${name}`, same);
  return same;
}

/** The same for a function that is sent by its source. */
export function sourceKeyOf(fn: (...args: never[]) => unknown): object {
  const same = sources.get(fn) ?? { source: sourceOf(fn) };
  sources.set(fn, same);
  return same;
}

/** The same for what a function makes of another one there; of the keys of both. */
export function throughKeyOf(through: object, of: object): object {
  const made = throughs.get(through) ?? new WeakMap<object, Through>();
  throughs.set(through, made);
  const same = made.get(of) ?? new Through(through, of);
  made.set(of, same);
  return same;
}

/** What the other side finds the function of this key by. */
export function targetOf(key: object): unknown {
  if (key instanceof Through) return { through: targetOf(key.through), of: targetOf(key.of) };
  return typeof key === 'function' ? addressOf(key as never) : key;
}
