// The options of a task, checked once at the call that is given them.
import type { TransferListItem } from '../channel/transfer-list.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { Limiter } from '../pool/limiter.js';
import type { Address } from '../task/address.js';

/** How a task is run. */
export interface OffloadOptions extends WaitOptions {
  /** ms for waiting and running together, after which the caller is rejected with a TimeoutError. Default: none. */
  readonly timeout?: number | undefined;
  /** Caps how many tasks run at once, for all that are given it, or a reservation of it. Default: the pool's size alone does. */
  readonly limiter?: Limiter | undefined;
  /** Tasks of a higher one begin first. Default: 0. */
  readonly priority?: number | undefined;
  /** What is moved to a thread instead of copied: ArrayBuffers, MessagePorts. The caller's are unusable afterwards. */
  readonly transfer?: readonly TransferListItem[] | undefined;
  /** What the task is called in errors and events. Default: the function's name. */
  readonly name?: string | undefined;
  /**
   * ms that the work may go on after it was told to end; then its worker is ended. 0: at once. false: never. Default: 1000.
   */
  readonly grace?: number | false | undefined;
  /** Is given what the function passes to `report()`. */
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Sends the function by its source instead of finding it by its module; see `runInThread.with`. Default: false. */
  readonly bySource?: boolean | undefined;
  /**
   * An exported function, or its address, that is given the function on the other side, once for each worker, and gives the
   * function that is called in its place: to prepare arguments, or to finish results, off the loop.
   */
  readonly through?: ((fn: never) => unknown) | Address | undefined;
}

const MORE = [
  'limiter',
  'priority',
  'transfer',
  'name',
  'grace',
  'onProgress',
  'bySource',
  'through',
] as const;

type Check = readonly [is: (value: unknown) => boolean, expected: string];

const isNumber = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);
const CHECKS: Record<(typeof MORE)[number], Check> = {
  limiter: [(value) => value instanceof Limiter, 'a Limiter'],
  priority: [isNumber, 'a number'],
  transfer: [Array.isArray, 'an array'],
  name: [(value) => typeof value === 'string', 'a string'],
  grace: [
    (value) => value === false || (isNumber(value) && (value as number) >= 0),
    'a number of milliseconds from 0 on, or false',
  ],
  onProgress: [(value) => typeof value === 'function', 'a function'],
  bySource: [(value) => typeof value === 'boolean', 'true or false'],
  through: [
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
    'an exported function, or its address',
  ],
};

/** Throws InvalidArgumentError for anything that is not OffloadOptions; `call` is the name to speak of. */
export function checkOffload(
  call: string,
  options: OffloadOptions,
  kind?: 'thread' | 'process',
): OffloadOptions {
  if (kind === 'process' && options?.transfer !== undefined) {
    throw new InvalidArgumentError(
      `${call} has no transfer: nothing can be moved to another process. Leave it out, and it is copied.`,
    );
  }
  const isOwn = (key: string): boolean => kind !== 'process' || key !== 'transfer' || key in Object(options);
  checkOptions(call, options, MORE.filter(isOwn));
  for (const key of MORE) {
    const value = options[key];
    const [is, expected] = CHECKS[key];
    if (value !== undefined && !is(value)) {
      throw new InvalidArgumentError(`${call}'s ${key} is ${expected}, not ${describe(value)}.`);
    }
  }
  return options;
}
