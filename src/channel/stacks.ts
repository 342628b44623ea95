// One stack out of two: what the function did on its thread, and below it who called it from here.
import { isError } from './errors.js';

/** Where this package is, on either thread. */
const own = new URL('.', import.meta.url).href;
/** How `node:async_hooks` enters the function. */
const entered = /\bat (?:AsyncLocalStorage|AsyncResource)\.\w+ \(node:/;

/** Frames that an error's stack goes on with; they are text when somebody reads it. */
export interface CallerStack {
  readonly stack?: string;
}

/** The caller's frames, of whoever calls this. Written out only when somebody reads it. */
export function callerStack(): CallerStack {
  const at = {};
  Error.captureStackTrace(at, callerStack);
  return at;
}

/** Puts the caller's frames under the stack of an error that another thread has thrown; `where` is what that one is. */
export function joinStacks(error: unknown, what: string, where: string, caller: CallerStack): void {
  if (typeof error !== 'object' || error === null || !isError(error)) return;
  const { stack } = error;
  if (typeof stack !== 'string') return;
  const theirs = stack.split('\n').filter((line) => !line.includes(own) && !entered.test(line));
  const ours = String(caller.stack)
    .split('\n')
    .slice(1)
    .filter((line) => !line.includes(own));
  const joined = [...theirs, `    at ${what} (${where})`, ...ours].join('\n');
  try {
    Object.defineProperty(error, 'stack', { value: joined, writable: true, configurable: true });
  } catch {
    // A frozen error keeps its own.
  }
}

/** Gives an error of the house's own, which was made far from the caller, the caller's frames. */
export function restack(error: Error, caller: CallerStack): void {
  const stack = String(error.stack);
  const ours = String(caller.stack)
    .split('\n')
    .slice(1)
    .filter((line) => !line.includes(own));
  if (ours.every((line) => stack.includes(line))) return;
  error.stack = [`${error.name}: ${error.message}`, ...ours].join('\n');
}
