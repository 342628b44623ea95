// What the adapters ask of options: the names that there are, and what is said of others.
import { InvalidArgumentError } from '../index.js';

/** Throws InvalidArgumentError for what is no object. */
export function checkObject(
  call: string,
  options: unknown,
  names: readonly string[],
): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `${call} takes an object like { ${names[0]} } for its options, not ${describe(options)}.`,
    );
  }
}

/** Throws InvalidArgumentError for what is no object, or has an option of another name. */
export function checkNames(call: string, options: unknown, names: readonly string[]): void {
  checkObject(call, options, names);
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    throw new InvalidArgumentError(`${call} has no option "${key}"; it takes { ${names.join(', ')} }.`);
  }
}

/** Throws InvalidArgumentError where an option that is given is not what is expected. */
export function expect(call: string, key: string, value: unknown, is: boolean, expected: string): void {
  if (value === undefined || is) return;
  throw new InvalidArgumentError(`${call}'s ${key} is ${expected}, not ${describe(value)}.`);
}

export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
