// Classes that both sides know by name: their instances cross as themselves. A module that registers its class does so
// on either side, when it is loaded there.
import { createRequire } from 'node:module';
import { types } from 'node:util';
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

/**
 * Classes of the platform that structured clone flattens to `{}` on some lines and refuses on others. Each is looked up when
 * one of its objects comes: asking for `Headers` loads all of fetch.
 */
const PLATFORM: Record<string, Pick<Entry, 'encode' | 'decode'> | undefined> = {
  URL: { encode: String, decode: (text) => new URL(text as string) },
  URLSearchParams: { encode: String, decode: (text) => new URLSearchParams(text as string) },
  Headers: {
    encode: (headers) => [...(headers as Headers)],
    decode: (pairs) => new Headers(pairs as [string, string][]),
  },
};

/** The same, but there is nothing that could be sent instead. */
const REFUSED = new Set(
  'AbortController AbortSignal Event EventTarget FormData Request Response ReadableStream WritableStream TransformStream WebSocket'.split(
    ' ',
  ),
);

function platformName(value: object): string | undefined {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (!(tag in PLATFORM) && !REFUSED.has(tag)) return undefined;
  const Class = (globalThis as unknown as Record<string, { prototype?: object } | undefined>)[tag];
  return Class?.prototype === Object.getPrototypeOf(value) ? tag : undefined;
}

/** An object of the platform that would silently lose all that it is, to another thread or to another process. */
export function isRefused(value: object, byWire = false): boolean {
  const name = platformName(value);
  return (name !== undefined && REFUSED.has(name)) || (byWire && isForThreads(value));
}

// Loaded only where there is one of its objects.
const require = createRequire(import.meta.url);

/** What V8 sends to another process as `{}`, or as something that nobody can read there. */
function isForThreads(value: object): boolean {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'WebAssembly.Module' || tag === 'Blob' || tag === 'File') return true;
  if (types.isCryptoKey(value) || types.isKeyObject(value)) return true;
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  if (name !== 'BlockList' && name !== 'SocketAddress') return false;
  const net = require('node:net') as Record<string, unknown>;
  return net[name] === value.constructor;
}

/** The entry of the class that this object is an instance of; `inherited` takes a class above it too. */
export function entryOf(value: object, inherited: boolean): Entry | undefined {
  const name = inherited ? undefined : platformName(value);
  if (name !== undefined && PLATFORM[name] !== undefined) return platformEntry(name);
  if (byName.size === 0) return undefined;
  for (let at = Object.getPrototypeOf(value) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const entry = byPrototype.get(at);
    if (entry !== undefined || !inherited) return entry;
  }
  return undefined;
}

export function entryNamed(name: string): Entry | undefined {
  return name.startsWith(OWN) ? platformEntry(name.slice(OWN.length)) : byName.get(name);
}

/** No user's name begins so. */
const OWN = 'platform ';

function platformEntry(name: string): Entry {
  const Class = (globalThis as unknown as Record<string, Class>)[name] as Class;
  return { name: OWN + name, Class, encode: undefined, decode: undefined, ...PLATFORM[name] };
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
