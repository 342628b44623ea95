import { type Context, within } from '../context/carry.js';
import { type CallInProgress, current } from './current.js';

/** Runs a function for a call, within the stores that came with it. */
export function runFor(
  call: CallInProgress,
  context: unknown,
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
): unknown {
  if (context === undefined) return current.run(call, fn, ...args);
  return within(context as Context, () => current.run(call, fn, ...args));
}
