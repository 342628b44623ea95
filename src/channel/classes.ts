// Classes that both sides know by name: their instances cross as themselves. A module that registers its class does so
// on either side, when it is loaded there.
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { Class } from './marks.js';

/** How instances of a class are taken apart and put together. */
export interface ClassOptions<T, V = unknown> {
  /** What the class is called across threads. Default: its own name. */
  readonly name?: string | undefined;
  /** What an instance is sent as. Default: its own enumerable properties. */
  readonly encode?: ((instance: T) => V) | undefined;
  /** An instance of what was sent. Default: an object of the class with these properties; no constructor is called. */
  readonly decode?: ((value: V) => T) | undefined;
}

export interface Entry {
  readonly name: string;
  readonly Class: Class;
  readonly encode: ((instance: object) => unknown) | undefined;
  readonly decode: ((value: unknown) => object) | undefined;
}

interface Registry {
  readonly byName: Map<string, Entry>;
  readonly byPrototype: WeakMap<object, Entry>;
}

// The service thread's own file and the package as a module imports it there are two copies of this file.
const key = Symbol.for('isthmus.classes');
const shared = globalThis as { [key]?: Registry };
shared[key] ??= { byName: new Map(), byPrototype: new WeakMap() };
const { byName, byPrototype } = shared[key];

/** The entry of the class that this object is an instance of; `inherited` takes a class above it too. */
export function entryOf(value: object, inherited: boolean): Entry | undefined {
  if (byName.size === 0) return undefined;
  for (let at = Object.getPrototypeOf(value) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const entry = byPrototype.get(at);
    if (entry !== undefined || !inherited) return entry;
  }
  return undefined;
}

export function entryNamed(name: string): Entry | undefined {
  return byName.get(name);
}

/**
 * Lets instances of a class cross threads as themselves, also inside other values; an error of the class arrives as one.
 * Call it where the class is declared: the module is loaded on both sides, and so the class is known on both.
 *
 * @throws InvalidArgumentError when another class has the name.
 * @example
 * export class Money {
 *   constructor(amount, currency) { this.amount = amount; this.currency = currency; }
 * }
 * registerClass(Money);
 * @since 0.1.0
 */
export function registerClass<T extends object, V = unknown>(
  Class: abstract new (...args: never[]) => T,
  options: ClassOptions<T, V> = {},
): void {
  if (typeof Class !== 'function' || typeof Class.prototype !== 'object') {
    throw new InvalidArgumentError(`registerClass() takes a class, not ${describe(Class)}.`);
  }
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError(
      `registerClass()'s options are an object like { name: 'Money' }, not ${describe(options)}.`,
    );
  }
  const { name = Class.name, encode, decode } = options;
  if (typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError(
      "registerClass() needs a name that both sides know the class by: registerClass(Class, { name: 'Money' }).",
    );
  }
  for (const [what, given] of [
    ['encode', encode],
    ['decode', decode],
  ] as const) {
    if (given !== undefined && typeof given !== 'function') {
      throw new InvalidArgumentError(`registerClass()'s ${what} is a function, not ${describe(given)}.`);
    }
  }
  const known = byName.get(name);
  // A module that is loaded anew has the same class again.
  if (known !== undefined && known.Class !== Class && String(known.Class) !== String(Class)) {
    throw new InvalidArgumentError(
      `Another class is registered as ${JSON.stringify(name)}: give this one a name of its own, registerClass(Class, { name }).`,
    );
  }
  const entry = { name, Class, encode, decode } as unknown as Entry;
  byName.set(name, entry);
  byPrototype.set(Class.prototype as object, entry);
}
