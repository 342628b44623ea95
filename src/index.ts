// The public names. A test compares them with docs/reference, in both directions.
export {
  CannotRunError,
  InvalidArgumentError,
  IsthmusError,
  LineFullError,
  NeverSettlesError,
  TimeoutError,
  TooDeepError,
} from './errors.js';
export { type Answer, type Base, canRun } from './run/base.js';
export type { AsyncSource } from './run/each.js';
export type { HeldMessage, HeldSite, RunStats } from './run/held.js';
export type { WaitOptions } from './run/options.js';
export { type Run, run } from './run/run.js';
export { type TurnLimits, type TurnStats, turn } from './run/turn.js';
