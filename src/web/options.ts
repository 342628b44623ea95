// How a route's handler is run: the options that all adapters share, checked once at the route's registration.
import { InvalidArgumentError, Limiter, toThread, type WorkerPool } from '../index.js';
import { prepare } from '../prepare.js';
import { checkNames, describe, expect } from './check.js';
import { isAsync } from './handler.js';

/** Where a handler runs: on a pool's thread, in a pool's process, or on the event loop, entered by `turn()`. */
export type Where = 'thread' | 'process' | 'loop';

/** How a route's handler is run. `Request` is the framework's own, for `select`. */
export interface BlockingOptions<Request = never, Selected extends object = object> {
  /** Default: 'thread'. 'loop' has no pool, and so takes no limiter, timeout, grace or priority. */
  readonly where?: Where | undefined;
  /** A pool of one's own, in place of `where`. */
  readonly pool?: WorkerPool | undefined;
  /** Caps how many run at once, for all routes that are given it. */
  readonly limiter?: Limiter | string | undefined;
  /** ms for waiting and running together; then the answer is 503. Default: none. */
  readonly timeout?: number | undefined;
  /**
   * ms that a handler may go on after it was told that its client has gone, or its time was up; then its worker is ended. 0: at
   * once. false: never. Default: 1000.
   */
  readonly grace?: number | false | undefined;
  /** Requests of a higher one begin first. Default: 0. */
  readonly priority?: number | undefined;
  /** What of the request crosses besides: gives plain data, whose properties the handler's request then has too. */
  readonly select?: ((request: Request) => Selected) | undefined;
}

/** What a handler takes for `Known` of the request, and asks for besides. */
export type Part<Taken, Key extends string> = Taken extends { readonly [K in Key]: infer T } ? T : unknown;
type Besides<Taken, Known> = Omit<Taken, keyof Known>;

/** The options for a handler that takes `Taken`: what it takes besides `Known` has to be selected. */
export type OptionsFor<Taken, Known, Request> =
  Record<never, never> extends Besides<Taken, Known>
    ? [options?: BlockingOptions<Request, Besides<Taken, Known>>]
    : [
        options: BlockingOptions<Request, Besides<Taken, Known>> & {
          readonly select: (request: Request) => Besides<Taken, Known>;
        },
      ];

const NAMES = ['where', 'pool', 'limiter', 'timeout', 'grace', 'priority', 'select'];
/** What only a pool can do. */
const OF_POOLS = ['limiter', 'timeout', 'grace', 'priority'] as const;
const PLACES: readonly unknown[] = ['thread', 'process', 'loop'];

export function isPool(value: unknown): value is WorkerPool {
  const { [prepare]: prepares, with: other, stats } = (value ?? {}) as Partial<Record<PropertyKey, unknown>>;
  return [prepares, other, stats].every((each) => typeof each === 'function');
}

/** Are its workers processes? Nothing can be moved to one, and so it refuses that option. */
export function isOfProcesses(pool: WorkerPool): boolean {
  try {
    pool.with({ transfer: [] });
    return false;
  } catch {
    return true;
  }
}

const late = (call: string): InvalidArgumentError =>
  new InvalidArgumentError(
    `${call}'s select gives an object like { user }, not a promise: wait for it before, in a hook or a middleware.`,
  );

/** Throws InvalidArgumentError for anything that is no such options. */
export function checkBlocking(call: string, options: object): void {
  checkNames(call, options, NAMES);
  const { where, pool, limiter, select, timeout, grace, priority } = options as BlockingOptions;
  expect(call, 'where', where, PLACES.includes(where), "'thread', 'process' or 'loop'");
  expect(call, 'pool', pool, isPool(pool), 'a pool that createPool() gave');
  expect(
    call,
    'limiter',
    limiter,
    limiter instanceof Limiter || typeof limiter === 'string',
    'a Limiter, or the name of one',
  );
  expect(call, 'select', select, typeof select === 'function', 'a function');
  if (select !== undefined && isAsync(select)) throw late(call);
  // Numbers are for the pool to judge.
  toThread.with({ timeout, grace, priority });
  const useless = where === 'loop' ? OF_POOLS.find((key) => options[key as never] !== undefined) : undefined;
  if (useless !== undefined) {
    throw new InvalidArgumentError(
      `${call} takes no ${useless} with where: 'loop': there is no pool that could see to it.`,
    );
  }
  if (pool !== undefined && where !== undefined) {
    throw new InvalidArgumentError(
      `${call} takes a pool or where, not both: a pool is of threads or of processes.`,
    );
  }
}

/** What a route's `select` gives of a request; throws InvalidArgumentError for what has no properties to go along. */
export function selected<Request>(
  { select }: BlockingOptions<Request>,
  request: Request,
): object | undefined {
  const given: unknown = select?.(request);
  if (given === undefined || given === null) return undefined;
  if (typeof (given as { then?: unknown }).then === 'function') throw late('blocking()');
  if (typeof given === 'object' && !Array.isArray(given)) return given;
  throw new InvalidArgumentError(
    `blocking()'s select gives an object like { user }, not ${describe(given)}.`,
  );
}
