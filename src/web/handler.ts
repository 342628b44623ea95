// What can be known of a handler before it is called.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Address, explain, InvalidArgumentError, toThread } from '../index.js';
import { describe } from './check.js';
import type { Where } from './options.js';

export type AnyFunction = (...args: never[]) => unknown;
/** Where a runtime cannot say what a function's address is (Deno's), it is written out. */
export type AnyHandler = AnyFunction | Address;

const nameOfKind = (fn: AnyFunction): string =>
  (Object.getPrototypeOf(fn) as { [Symbol.toStringTag]?: string } | null)?.[Symbol.toStringTag] ?? 'Function';

/** Does it give its values one by one? */
export function isGenerator(fn: AnyFunction): boolean {
  return nameOfKind(fn).endsWith('GeneratorFunction');
}

/** The same of an address. What leads nowhere is none: the worker says so, with what is to be said of it. */
export async function isGeneratorAt({ module, name }: Address): Promise<boolean> {
  try {
    // A URL too.
    const given = String(module);
    const specifier = isAbsolute(given) ? pathToFileURL(given).href : given;
    const namespace = (await import(specifier)) as Record<string, unknown> & {
      default?: Record<string, unknown>;
    };
    const found = namespace[name] ?? namespace.default?.[name];
    return typeof found === 'function' && isGenerator(found as AnyFunction);
  } catch {
    return false;
  }
}

/** Is it written as async code? Of a plain function that returns a promise nobody knows. */
export function isAsync(fn: AnyFunction): boolean {
  return nameOfKind(fn).startsWith('Async');
}

/** Why another thread cannot run this as a handler; undefined where it can. `takes` is how many arguments cross. */
export function obstacle(fn: AnyFunction, takes: number, beyond: string): string | undefined {
  if (fn.length > takes) {
    return `it declares ${fn.length} parameters, and only the request's data crosses, not ${beyond}. Return what is to be sent, or respond({ status, headers, body }).`;
  }
  const { possible, why } = explain(fn).thread;
  return possible ? undefined : why;
}

/** Throws InvalidArgumentError for what cannot run where it is to run. */
export function checkHandler(
  call: string,
  handler: unknown,
  where: Where | undefined,
  takes: number,
  beyond: string,
): void {
  if (typeof handler === 'object' && handler !== null && where !== 'loop') {
    // Says what is wrong with an address.
    toThread.fn(handler as never);
    return;
  }
  if (typeof handler !== 'function') {
    const what =
      where === 'loop'
        ? 'the function itself where it stays on the loop'
        : 'an exported function, or its address';
    throw new InvalidArgumentError(`${call} takes ${what}, not ${describe(handler)}.`);
  }
  const why = where === 'loop' ? undefined : obstacle(handler as AnyFunction, takes, beyond);
  if (why === undefined) return;
  throw new InvalidArgumentError(
    `${call} cannot run ${handler.name || 'the handler'} on another thread: ${why}`,
  );
}
