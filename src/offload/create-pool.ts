// `createPool`: a pool of one's own.
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import { Pool, type PoolOptions, type PoolStats } from '../pool/pool.js';
import { checkOffload, type OffloadOptions } from './options.js';
import { callsOn, type Offload, type OffloadCalls } from './to-thread.js';

/** The calls of `toThread`, on one pool. */
export interface PoolCalls {
  readonly run: Offload;
  readonly each: OffloadCalls['each'];
  readonly map: OffloadCalls['map'];
  readonly fn: OffloadCalls['fn'];
}

/** A pool of one's own: the calls of `toThread`, and its life. */
export interface ThreadPool extends PoolCalls, AsyncDisposable {
  with(options: OffloadOptions): PoolCalls;
  /** Starts workers now, all that the pool may have, or so many. */
  warm(count?: number): void;
  stats(): PoolStats;
  /**
   * Takes no more tasks, waits until those that there are have settled, for `timeout` ms at most (default: as long as it
   * takes), rejects the rest with a PoolClosedError and ends the workers.
   */
  close(options?: { readonly timeout?: number | undefined }): Promise<void>;
  /** Rejects every task with `reason` (default: a PoolClosedError), and ends the workers. */
  destroy(reason?: unknown): Promise<void>;
}

type Check = readonly [least: number, expected: string];

const CHECKS: Record<keyof PoolOptions, Check> = {
  size: [1, 'a whole number from 1 on'],
  minimum: [0, 'a whole number from 0 on'],
  idleTimeout: [0, 'a number of milliseconds from 0 on'],
  queue: [0, 'a number from 0 on'],
};

function check(options: PoolOptions): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidArgumentError(
      `createPool() takes an object like { size: 4 }, not ${describe(options)}.`,
    );
  }
  for (const [key, value] of Object.entries(options)) {
    if (key === 'kind') {
      if (value === undefined || value === 'thread') continue;
      throw new InvalidArgumentError(`createPool()'s kind is 'thread', not ${describe(value)}.`);
    }
    const known = CHECKS[key as keyof PoolOptions] as Check | undefined;
    if (known === undefined) {
      throw new InvalidArgumentError(
        `createPool() has no option "${key}"; it takes { ${Object.keys(CHECKS).join(', ')} }.`,
      );
    }
    const [least, expected] = known;
    const whole = expected.includes('whole') ? Number.isInteger(value) : true;
    if (value !== undefined && !(typeof value === 'number' && value >= least && whole)) {
      throw new InvalidArgumentError(`createPool()'s ${key} is ${expected}, not ${describe(value)}.`);
    }
  }
}

function poolCalls(pool: Pool, options: OffloadOptions | undefined): PoolCalls {
  const run = callsOn(() => pool, options);
  return { run, each: run.each, map: run.map, fn: run.fn };
}

/**
 * Makes a pool of threads of one's own, beside the one that all calls of `toThread` share.
 *
 * @throws InvalidArgumentError for what is no such option.
 * @example
 * await using pool = createPool({ size: 4, queue: 100 });
 * const thumb = await pool.run(resize, image);
 * @since 0.1.0
 */
export function createPool(options: PoolOptions & { readonly kind?: 'thread' | undefined } = {}): ThreadPool {
  check(options);
  const pool = new Pool(options);
  return {
    ...poolCalls(pool, undefined),
    with: (more) => poolCalls(pool, checkOffload('pool.with()', more)),
    warm: (count) => pool.warm(count),
    stats: () => pool.stats(),
    close: (how) => pool.close(how),
    destroy: (reason) => pool.destroy(reason),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
