// Where in a value is the thing that cannot cross?
import { types } from 'node:util';
import { UncloneableError } from '../errors.js';
import { entryOf, isRefused } from './classes.js';
import { isError } from './errors.js';
import type { Outgoing } from './marks.js';
import { DEEPEST, tooDeep } from './pack.js';
import { serialize } from './serial.js';

/** The first thing in a value that no thread can be sent, and where it is. */
export interface Uncloneable {
  readonly path: string;
  readonly what: string;
  readonly instead?: string;
}

const faces = new WeakMap<object, string>();

/** A Proxy that stays on this thread, by the name that an error calls it when it is sent all the same. */
export function nameFace(face: object, name: string): void {
  faces.set(face, name);
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The path of an object in a value, which begins with `name`; undefined where it is not to be seen in it. */
export function pathOf(
  object: object,
  value: unknown,
  name: string,
  seen = new Set<unknown>(),
): string | undefined {
  if (value === object) return name;
  if (typeof value !== 'object' || value === null || types.isProxy(value) || seen.has(value))
    return undefined;
  seen.add(value);
  for (const [more, item] of parts(value)) {
    const found = pathOf(object, item, name + more, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function clones(value: unknown, outgoing: Outgoing | undefined): boolean {
  try {
    if (outgoing?.byWire === true) serialize(value);
    else structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'symbol') return 'a symbol';
  if (types.isGeneratorObject(value)) return 'a generator';
  const name: unknown = (value as object | null)?.constructor?.name;
  const kind =
    typeof name === 'string' && name !== '' && name !== 'Object' ? `an object of class ${name}` : 'an object';
  const isShared = ArrayBuffer.isView(value) && types.isSharedArrayBuffer(value.buffer);
  return isShared ? `${kind} on a SharedArrayBuffer` : kind;
}

function step(value: object, key: string): string {
  if (Array.isArray(value)) return `[${key}]`;
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function* parts(value: object): Generator<[string, unknown]> {
  if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      yield [`.keys()[${i}]`, key];
      yield [typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${i}]`, item];
      i++;
    }
    return;
  }
  if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield [`.values()[${i++}]`, item];
    return;
  }
  for (const key of isError(value) ? Object.getOwnPropertyNames(value) : Object.keys(value)) {
    let item: unknown;
    try {
      item = Reflect.get(value, key);
    } catch (error) {
      item = error;
    }
    yield [step(value, key), item];
  }
}

function proxyOf(value: object): Omit<Uncloneable, 'path'> {
  const name = faces.get(value);
  if (name === undefined) return { what: 'a Proxy' };
  const instead =
    'Its object lives on a thread of its own: let the function come to it, asyncFace.run(face, fn, ...args).';
  return { what: `the async face ${name}`, instead };
}

/** What stands for a value that is nested too deep, wherever in it. */
const TOO_DEEP: Uncloneable = { path: '', what: '' };

function findUncloneable(
  value: unknown,
  path: string,
  outgoing: Outgoing | undefined,
  seen = new Set<unknown>(),
  depth = 0,
): Uncloneable | undefined {
  if (typeof value === 'function') return outgoing?.wants(value) ? undefined : { path, what: kindOf(value) };
  if (typeof value === 'symbol') return { path, what: kindOf(value) };
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  if (depth >= DEEPEST) return TOO_DEEP;
  if (types.isProxy(value)) return outgoing?.isHandle?.(value) ? undefined : { path, ...proxyOf(value) };
  if (types.isPromise(value)) return { path, what: 'a promise', instead: 'Send what it gives: `await` it.' };
  if (isRefused(value, outgoing?.byWire) && !outgoing?.wants(value)) return { path, what: kindOf(value) };
  const entry = entryOf(value, false);
  if (outgoing?.wants(value) || entry?.encode !== undefined) return undefined;
  if (ArrayBuffer.isView(value)) return clones(value, outgoing) ? undefined : { path, what: kindOf(value) };
  seen.add(value);
  for (const [more, item] of parts(value)) {
    const found = findUncloneable(item, path + more, outgoing, seen, depth + 1);
    if (found !== undefined) return found;
  }
  if (entry !== undefined || clones(value, outgoing)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isContainer =
    Array.isArray(value) ||
    value instanceof Map ||
    value instanceof Set ||
    isError(value) ||
    prototype === null;
  return isContainer || Object.getPrototypeOf(prototype) === null ? undefined : { path, what: kindOf(value) };
}

/** Why a value could not be sent, by its path, which begins with `name`; undefined where that is not to be seen in it. */
export function refusalOf(
  value: unknown,
  name: string,
  outgoing: Outgoing | undefined,
  cause: unknown,
): UncloneableError | undefined {
  const found = findUncloneable(value, name, outgoing);
  if (found === undefined) return undefined;
  if (found === TOO_DEEP) return tooDeep(name, outgoing);
  const to = outgoing?.byWire === true ? 'process' : 'thread';
  return new UncloneableError(found.path, found.what, { cause }, found.instead, to);
}
