// Where an adapter's routes are run: its pools, made when the first route needs them, its limiters, and the requests on their way.
import {
  createPool,
  InvalidArgumentError,
  type Limiter,
  type OffloadCalls,
  type OffloadOptions,
  PoolClosedError,
  type PoolOptions,
  toProcess,
  toThread,
  type WorkerPool,
} from '../index.js';
import type { Preparing } from '../prepare.js';
import { Ring } from '../ring.js';
import type { Flight } from './flight.js';
import { type BlockingOptions, isOfProcesses, isPool } from './options.js';

/** A pool, as far as routes use it. */
export type Source = Preparing & { with(options: OffloadOptions): { readonly each: OffloadCalls['each'] } };

/** Any pool is one, though its type does not say so. */
const sourceOf = (pool: object): Source => pool as Source;

const SHARED = { thread: sourceOf(toThread), process: sourceOf(toProcess) };

/** Tasks that may wait for a pool that an adapter makes. */
const QUEUE = 1000;
/** How far its workers step back for the event loop: below normal, as `os.constants.priority` has it. */
const NICE = 10;

export type PoolChoice = WorkerPool | Omit<PoolOptions, 'kind'>;

export interface DeskParts {
  readonly thread?: PoolChoice | undefined;
  readonly process?: PoolChoice | undefined;
  readonly limiters: Readonly<Record<string, Limiter>>;
}

const isMade = (choice: PoolChoice): choice is WorkerPool => isPool(choice);

/** Throws InvalidArgumentError for a pool of the other kind, and for options that no pool takes. */
export function checkChoice(
  call: string,
  key: string,
  where: 'thread' | 'process',
  choice: PoolChoice,
): void {
  const kind = where === 'thread' ? 'threads' : 'processes';
  if (isMade(choice)) {
    if (isOfProcesses(choice) === (where === 'process')) return;
    throw new InvalidArgumentError(`${call}'s ${key} is a pool of ${kind}; this one is of the other kind.`);
  }
  if ('kind' in choice) {
    throw new InvalidArgumentError(`${call}'s ${key} takes no kind: it is a pool of ${kind}.`);
  }
  try {
    // A pool without a task has no worker, and so costs nothing.
    void createPool({ ...choice, kind: where }).destroy();
  } catch (error) {
    throw new InvalidArgumentError(`${call}'s ${key}: ${(error as Error).message}`);
  }
}

export class Desk {
  readonly flights = new Ring<Flight>();
  readonly #parts: DeskParts | undefined;
  readonly #outer: Desk | undefined;
  /** Those that it has made, and will close. */
  readonly #own = new Map<'thread' | 'process', WorkerPool>();
  #isClosed = false;

  /** Without parts its routes share the pools of all calls. */
  constructor(parts?: DeskParts, outer?: Desk) {
    this.#parts = parts;
    this.#outer = outer;
  }

  get limiters(): Readonly<Record<string, Limiter>> {
    return { ...this.#outer?.limiters, ...this.#parts?.limiters };
  }

  /** The pools that its routes have used. */
  get pools(): Readonly<Record<string, WorkerPool>> {
    const given = Object.entries({ thread: this.#parts?.thread, process: this.#parts?.process }).filter(
      (entry): entry is [string, WorkerPool] => entry[1] !== undefined && isMade(entry[1]),
    );
    return { ...this.#outer?.pools, ...Object.fromEntries(this.#own), ...Object.fromEntries(given) };
  }

  #source(where: 'thread' | 'process'): Source {
    const choice = this.#parts?.[where];
    if (choice !== undefined && isMade(choice)) return sourceOf(choice);
    if (choice === undefined && this.#outer !== undefined) return this.#outer.#source(where);
    if (this.#parts === undefined) return SHARED[where];
    let pool = this.#own.get(where);
    if (pool === undefined) {
      if (this.#isClosed) throw new PoolClosedError(`The ${where} pool of a server that was closed`);
      pool = createPool({ queue: QUEUE, nice: NICE, ...choice, kind: where });
      this.#own.set(where, pool);
    }
    return sourceOf(pool);
  }

  /** The options of a route's tasks; throws InvalidArgumentError for what no pool takes. */
  taskOptions(
    call: string,
    { limiter, timeout, grace, priority }: BlockingOptions,
    name: string,
  ): OffloadOptions {
    const known = typeof limiter === 'string' ? this.limiters[limiter] : limiter;
    if (typeof limiter === 'string' && known === undefined) {
      const names = Object.keys(this.limiters).join(', ') || 'none';
      throw new InvalidArgumentError(
        `${call}: there is no limiter ${JSON.stringify(limiter)}; those that were registered are ${names}.`,
      );
    }
    const options = { limiter: known, timeout, grace, priority, name };
    toThread.with(options);
    return options;
  }

  /** Where such a route's tasks go. */
  source({ where = 'thread', pool }: BlockingOptions): Source {
    return pool === undefined ? this.#source(where === 'process' ? 'process' : 'thread') : sourceOf(pool);
  }

  /** Gives up what is on its way. */
  abort(reason: unknown): void {
    for (const flight of this.flights.all()) flight.abort(reason);
  }

  /** Lets nobody wait for clients that do not read what they are sent. */
  cut(): void {
    for (const flight of this.flights.all()) flight.cut();
  }

  /** Ends the pools that it has made. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#own.values()].map((pool) => pool.destroy()));
  }
}

/** May arguments be moved to where such a route runs? */
export function canMove({ pool, where }: BlockingOptions): boolean {
  return where !== 'process' && (pool === undefined || !isOfProcesses(pool));
}

/** For routes that belong to no desk. */
export const sharedDesk = new Desk();
