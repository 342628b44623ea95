// The options that every waiting call takes, checked once at the call.
import { InvalidArgumentError } from './errors.js';

/** How a caller is released before the work is done. */
export interface WaitOptions {
  /** Releases the caller by throwing `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the caller is released by a TimeoutError. Default: none. */
  readonly timeout?: number | undefined;
}

const KNOWN = ['signal', 'timeout'];

/** Throws InvalidArgumentError for anything that is not a WaitOptions; `call` is the name to speak of, `more` others of its options. */
export function checkOptions(call: string, options: WaitOptions, more: readonly string[] = []): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `${call}'s options must be an object like { timeout: 1000 }, not ${describe(options)}.`,
    );
  }
  checkKeys(call, options, [...KNOWN, ...more]);
  const { signal, timeout } = options;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new InvalidArgumentError(
      `${call}'s timeout is a number of milliseconds from 0 on, not ${describe(timeout)}.`,
    );
  }
  // Not instanceof: a test runner's or a vm context's AbortSignal is of another realm.
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    const hint = (signal as unknown) instanceof AbortController ? ': write `controller.signal`' : '';
    throw new InvalidArgumentError(
      `${call}'s signal must be an AbortSignal, not ${describe(signal)}${hint}.`,
    );
  }
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'undefined')
    return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  let name: unknown;
  try {
    name = value?.constructor?.name;
  } catch {
    // Whatever it is, it does not want to be asked.
  }
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an object of class ${name}`
    : 'an object';
}

/** Throws InvalidArgumentError for an option of another name; `call` is the name to speak of. */
export function checkNames(call: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `${call} takes an object like { ${names[0]} } for its options, not ${describe(options)}.`,
    );
  }
  checkKeys(call, options, names);
}

function checkKeys(call: string, options: object, names: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!names.includes(key)) {
      throw new InvalidArgumentError(`${call} has no option "${key}"; it takes { ${names.join(', ')} }.`);
    }
  }
}
