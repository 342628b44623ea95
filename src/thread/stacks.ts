// One stack out of two: what the function did on its thread, and below it who called it from here.
import { isError } from '../channel/errors.js';

/** Where this package is, on either thread. */
const own = new URL('.', import.meta.url).href;
/** How `node:async_hooks` enters the function. */
const entered = /\bat (?:AsyncLocalStorage|AsyncResource)\.\w+ \(node:/;

/** Puts the caller's frames under the stack of an error that the thread has thrown. */
export function joinStacks(error: unknown, what: string): void {
  if (typeof error !== 'object' || error === null || !isError(error)) return;
  const { stack } = error;
  if (typeof stack !== 'string') return;
  const theirs = stack.split('\n').filter((line) => !line.includes(own) && !entered.test(line));
  const ours = String(new Error().stack)
    .split('\n')
    .slice(1)
    .filter((line) => !line.includes(own));
  const joined = [...theirs, `    at ${what} (service thread)`, ...ours].join('\n');
  try {
    Object.defineProperty(error, 'stack', { value: joined, writable: true, configurable: true });
  } catch {
    // A frozen error keeps its own.
  }
}
