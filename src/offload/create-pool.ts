// `createPool`: a pool of one's own.
import { InvalidArgumentError } from '../errors.js';
import { checkNames, checkOptions, describe } from '../options.js';
import { Pool, type PoolOptions } from '../pool/pool.js';
import { type Preparing, prepare } from '../prepare.js';
import { callsOn, type Desk, type Offload, type OffloadCalls, preparingOn } from './calls.js';
import { type CrewCalls, crewCalls } from './crew-calls.js';
import { checkOffload, type OffloadOptions } from './options.js';

/** The calls of `toThread` or `toProcess`, on one pool. */
export interface PoolCalls {
  readonly run: Offload;
  readonly each: OffloadCalls['each'];
  readonly map: OffloadCalls['map'];
  readonly fn: OffloadCalls['fn'];
}

/** A pool of one's own: its calls, and its life. */
export interface WorkerPool extends PoolCalls, CrewCalls, AsyncDisposable {
  with(options: OffloadOptions): PoolCalls;
  /**
   * Takes no more tasks, waits until those that there are have settled, for `timeout` ms at most (default: as long as it
   * takes), rejects the rest with a PoolClosedError and ends the workers.
   */
  close(options?: { readonly timeout?: number | undefined }): Promise<void>;
  /** Rejects every task with `reason` (default: a PoolClosedError), and ends the workers. */
  destroy(reason?: unknown): Promise<void>;
}

type Check = readonly [least: number, expected: string, most?: number];

const CHECKS: Record<Exclude<keyof PoolOptions, 'kind'>, Check> = {
  size: [1, 'a whole number from 1 on'],
  minimum: [0, 'a whole number from 0 on'],
  idleTimeout: [0, 'a number of milliseconds from 0 on'],
  queue: [0, 'a whole number from 0 on'],
  memory: [1, 'a number of megabytes from 1 on'],
  nice: [0, 'a whole number from 0 to 19', 19],
};

function check(options: PoolOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `createPool() takes an object like { size: 4 }, not ${describe(options)}.`,
    );
  }
  for (const [key, value] of Object.entries(options)) {
    if (key === 'kind') {
      if (value === undefined || value === 'thread' || value === 'process') continue;
      throw new InvalidArgumentError(`createPool()'s kind is 'thread' or 'process', not ${describe(value)}.`);
    }
    const known = CHECKS[key as keyof typeof CHECKS] as Check | undefined;
    if (known === undefined) {
      throw new InvalidArgumentError(
        `createPool() has no option "${key}"; it takes { kind, ${Object.keys(CHECKS).join(', ')} }.`,
      );
    }
    const [least, expected, most = Number.POSITIVE_INFINITY] = known;
    const whole =
      !expected.includes('whole') || value === Number.POSITIVE_INFINITY || Number.isInteger(value);
    if (value !== undefined && !(typeof value === 'number' && value >= least && value <= most && whole)) {
      throw new InvalidArgumentError(`createPool()'s ${key} is ${expected}, not ${describe(value)}.`);
    }
  }
}

function poolCalls(desk: Desk, options: OffloadOptions | undefined): PoolCalls {
  const run = callsOn(desk, options);
  return { run, each: run.each, map: run.map, fn: run.fn };
}

function checkClose(options: { readonly timeout?: number | undefined } = {}): void {
  checkNames('pool.close()', options, ['timeout']);
  checkOptions('pool.close()', options);
}

/**
 * Makes a pool of one's own, of threads or processes, beside those that all calls of `toThread` and `toProcess` share.
 *
 * @throws InvalidArgumentError for what is no such option.
 * @example
 * await using pool = createPool({ size: 4, queue: 100 });
 * const thumb = await pool.run(resize, image);
 * @since 0.1.0
 */
export function createPool(options: PoolOptions = {}): WorkerPool {
  check(options);
  const { size, minimum } = options;
  if (size !== undefined && minimum !== undefined && minimum > size) {
    throw new InvalidArgumentError(`createPool()'s minimum (${minimum}) is more than its size (${size}).`);
  }
  const pool = new Pool(options);
  const desk: Desk = { pool: () => pool, call: 'pool.run' };
  const made: WorkerPool & Preparing = {
    ...poolCalls(desk, undefined),
    with: (more) => poolCalls(desk, checkOffload('pool.with()', more, options.kind)),
    [prepare]: preparingOn(desk),
    ...crewCalls('pool', () => pool),
    close: async (how) => {
      checkClose(how);
      await pool.close(how);
    },
    destroy: (reason) => pool.destroy(reason),
    [Symbol.asyncDispose]: () => pool.close(),
  };
  return made;
}
