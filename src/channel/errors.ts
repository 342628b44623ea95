// How an error crosses: structured clone keeps the class of the language's own errors only, and drops `code`, other own
// properties and AggregateError's `errors`. Here it is taken apart into a plain record and put together again.
import { types } from 'node:util';
import * as own from '../errors.js';
import { entryNamed, entryOf } from './classes.js';
import type { ClassAddress, Incoming, Outgoing } from './marks.js';

/** An error, taken apart. `own` holds every own property but the stack. */
export interface ErrorRecord {
  readonly base: string;
  readonly name: string;
  readonly stack: string | undefined;
  readonly own: Record<string, unknown>;
  /** Its class: the name that it is registered by, or where it is exported. */
  readonly of: string | ClassAddress | undefined;
}

const BASES: Record<string, new (message?: string) => Error> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

export function isError(value: object): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function baseOf(error: Error): string {
  if (typeof DOMException === 'function' && error instanceof DOMException) return 'DOMException';
  if (typeof AggregateError === 'function' && error instanceof AggregateError) return 'AggregateError';
  for (let at = Object.getPrototypeOf(error) as object | null; at !== null; at = Object.getPrototypeOf(at)) {
    const name: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name;
    if (typeof name === 'string' && name in BASES) return name;
  }
  return 'Error';
}

/** What reads as text, or `other` where reading it throws. */
function text(read: () => unknown, other: string): string {
  try {
    return String(read());
  } catch {
    return other;
  }
}

/** The house's own classes, which both sides have. */
const OWN = new Map(
  Object.values(own).flatMap((value) =>
    value.prototype instanceof Error ? [[value.name, value.prototype]] : [],
  ),
);

/** The language's own, of which both sides have each. */
const NATIVE = new Set<object>([...Object.values(BASES), AggregateError].map((Class) => Class.prototype));

/** Takes an error apart. Getters are read once; what throws when it is read is left out. */
export function takeApart(error: Error, outgoing: Outgoing | undefined): ErrorRecord {
  const fields: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'stack') continue;
    try {
      const value: unknown = Reflect.get(error, key);
      // A method that hides itself (Babel's `clone`) is no part of what the error says.
      if (typeof value === 'function' && !Object.prototype.propertyIsEnumerable.call(error, key)) continue;
      fields[key] = value;
    } catch {
      // It would not be readable on the other side either.
    }
  }
  const base = baseOf(error);
  // These are accessors of the prototype there.
  if (base === 'DOMException') fields['message'] = error.message;
  const stack = text(() => error.stack, '');
  const prototype = Object.getPrototypeOf(error) as object;
  return {
    base,
    name: text(() => error.name, base),
    stack: stack === '' ? undefined : stack,
    own: fields,
    of: entryOf(error, true)?.name ?? (NATIVE.has(prototype) ? undefined : outgoing?.classOf?.(prototype)),
  };
}

/** An error of the same class, still without its own properties, so that cycles can lead to it. */
export function newError(
  { base, name, own: fields, of }: ErrorRecord,
  incoming: Incoming | undefined,
): Error {
  const message = typeof fields['message'] === 'string' ? fields['message'] : '';
  if (base === 'DOMException') return new DOMException(message, name);
  const error =
    base === 'AggregateError' ? new AggregateError([], message) : new (BASES[base] ?? Error)(message);
  const code: unknown = fields['code'];
  const mine = typeof code === 'string' && code.startsWith('ERR_ISTHMUS_') ? OWN.get(name) : undefined;
  const Class = typeof of === 'string' ? entryNamed(of)?.Class : of && incoming?.classAt?.(of);
  const prototype = (Class?.prototype ?? mine) as object | undefined;
  return prototype === undefined ? error : (Object.setPrototypeOf(error, prototype) as Error);
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

export function putTogether(error: Error, { base, name, stack, own: fields }: ErrorRecord): void {
  for (const [key, value] of Object.entries(fields)) {
    if (base === 'DOMException' && (key === 'message' || key === 'name' || key === 'code')) continue;
    define(error, key, value, key !== 'message' && key !== 'cause' && key !== 'errors' && key !== 'name');
  }
  if (error.name !== name && base !== 'DOMException') define(error, 'name', name, false);
  if (stack !== undefined) define(error, 'stack', stack, false);
}
