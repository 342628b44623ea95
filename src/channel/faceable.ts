// What gets a face and what crosses as it is. types.ts says the same in types.
//
// Guarantees:
// - nothing that is looked at is run: no getter, no function, no `then`;
// - an object of another realm (a vm context, a test runner's) is judged as one of this realm;
// - the answer for an object is that for its class, found once for each.
import { types } from 'node:util';

/**
 * - `data`: crosses as it is;
 * - `face`: gets a face;
 * - `plain`, `array`: gets one, or is copied, if it `holds` something that does; else crosses as it is.
 */
export type Kind = 'data' | 'face' | 'plain' | 'array';

// These are told by a tag that only the platform writes so: it cannot be assigned to.
const PLATFORM =
  /^(Map|Set|WeakMap|WeakSet|WeakRef|ArrayBuffer|SharedArrayBuffer|URL|URLSearchParams|AbortSignal|Headers|DOMException|(Intl|Temporal|WebAssembly)\..*)$/;

// What has no such tag, of this realm; of another one it is known by its brand when it comes.
const kinds = new WeakMap<object, Kind>([
  [Object.prototype, 'plain'],
  [Array.prototype, 'array'],
]);
for (const { prototype } of [Date, RegExp, Number, String, Boolean]) kinds.set(prototype, 'data');

export function isObject(value: unknown): value is object {
  return value !== null && (typeof value === 'object' || typeof value === 'function');
}

/** What becomes of an object that is no function and no promise. */
export function kindOf(value: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return types.isModuleNamespaceObject(value) ? 'face' : 'plain';
  const known = kinds.get(prototype);
  if (known !== undefined) return known === 'array' && !Array.isArray(value) ? 'face' : known;
  const kind = judge(value, prototype);
  // Not for what is a prototype itself: Buffer's inherits from Uint8Array's, and is none.
  if (kind !== 'face' || !Object.hasOwn(value, 'constructor')) kinds.set(prototype, kind);
  return kind;
}

function judge(value: object, prototype: object): Kind {
  if (Object.getPrototypeOf(prototype) === null) {
    return Object.hasOwn(prototype, 'isPrototypeOf') ? 'plain' : 'face';
  }
  if (types.isNativeError(value) || value instanceof Error || ArrayBuffer.isView(value)) return 'data';
  // A subclass that adds nothing is as good as its class; one with members of its own has to be faced.
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at)) {
    if (isPlatform(value, at)) return Array.isArray(value) ? 'array' : 'data';
    if (Reflect.ownKeys(at).some((key) => key !== 'constructor')) return 'face';
  }
  return 'face';
}

function isPlatform(value: object, prototype: object): boolean {
  if (Array.isArray(value)) return Array.isArray(prototype);
  if (types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value)) {
    return Object.getPrototypeOf(Object.getPrototypeOf(prototype)) === null;
  }
  const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag);
  return typeof tag?.value === 'string' && tag.writable === false && PLATFORM.test(tag.value);
}

/**
 * Does an array or plain object hold, at any depth of arrays and plain objects, a value for which `wanted` says true?
 * `wanted` is asked about each other object and each function. A property with a getter counts as wanted.
 */
export function holds(root: object, wanted: (value: object) => boolean): boolean {
  // Most data is flat, so nothing is remembered before something is nested; and no depth ends the stack.
  let nested: object[] | undefined;
  let seen: Set<object> | undefined;
  for (let at: object | undefined = root; at !== undefined; at = nested?.pop()) {
    const keys = Array.isArray(at) ? undefined : keysOf(at);
    const { length } = keys ?? (at as unknown[]);
    for (let i = 0; i < length; i++) {
      let value: unknown;
      if (keys === undefined) {
        value = (at as unknown[])[i];
      } else {
        const property = Reflect.getOwnPropertyDescriptor(at, keys[i] as string);
        if (property?.get !== undefined) return true;
        value = property?.value;
      }
      if (!isObject(value)) continue;
      if (wanted(value)) return true;
      if (typeof value === 'function' || seen?.has(value)) continue;
      const kind = kindOf(value);
      if (kind !== 'plain' && kind !== 'array') continue;
      seen ??= new Set([root]);
      seen.add(value);
      nested ??= [];
      nested.push(value);
    }
  }
  return false;
}

// All of them: Reflect.ownKeys takes six times as long where there are no symbols.
function keysOf(value: object): (string | symbol)[] {
  const names: (string | symbol)[] = Object.getOwnPropertyNames(value);
  const symbols = Object.getOwnPropertySymbols(value);
  return symbols.length === 0 ? names : names.concat(symbols);
}

/** Whether such a value inside plain data makes it need a face. */
export function needsFace(value: object): boolean {
  return typeof value === 'function' || kindOf(value) === 'face';
}

/** A class crosses as it is where a function would be wrapped: it is compared, and used as a key. */
export function isClass(value: (...args: never[]) => unknown): boolean {
  const prototype = Reflect.getOwnPropertyDescriptor(value, 'prototype');
  if (prototype === undefined) return false;
  // By syntax, or by what an ES5 class has on its prototype. A generator function's prototype has nothing of its own.
  return (
    prototype.writable === false || (isObject(prototype.value) && Reflect.ownKeys(prototype.value).length > 1)
  );
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}

/** What would be consumed where it is, and cannot be cloned. */
export function isIteration(value: object): boolean {
  if (typeof value === 'function') return false;
  try {
    return (
      Symbol.asyncIterator in value ||
      (Symbol.iterator in value && typeof (value as { next?: unknown }).next === 'function')
    );
  } catch {
    // A Proxy, or a getter. What cannot be sent of it is said where it is sent.
    return false;
  }
}
