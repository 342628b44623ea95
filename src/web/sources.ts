// What is looked at to say how a server is: pools, limiters and the gate, as data.
import {
  type Limiter,
  type LimiterStats,
  type PoolStats,
  type TurnStats,
  turn,
  type WorkerPool,
} from '../index.js';
import { checkNames, expect } from './check.js';

/** What is looked at, by the names that it is given; each time anew. */
export interface HealthSources {
  /** `toThread` and `toProcess` stand for the pools that calls share. */
  readonly pools?: Readonly<Record<string, Pick<WorkerPool, 'stats'>>> | undefined;
  readonly limiters?: Readonly<Record<string, Limiter>> | undefined;
}

/** How they are. */
export interface Health {
  readonly pools: Readonly<Record<string, PoolStats>>;
  readonly limiters: Readonly<Record<string, LimiterStats>>;
  /** The gate of handlers that stay on the event loop. */
  readonly turn: TurnStats;
}

/** Throws InvalidArgumentError for what is no such source. */
export function checkSources(call: string, sources: HealthSources): void {
  checkNames(call, sources, ['pools', 'limiters']);
  for (const [key, all] of Object.entries(sources) as [string, unknown][]) {
    const isObject = typeof all === 'object' && all !== null;
    expect(call, key, all, isObject, 'an object like { images: pool }');
    for (const [name, each] of Object.entries(all ?? {}) as [string, unknown][]) {
      const { stats } = (each ?? {}) as { stats?: unknown };
      expect(call, `${key}.${name}`, each ?? null, typeof stats === 'function', 'a pool or a Limiter');
    }
  }
}

const statsOf = <T>(all: Readonly<Record<string, { stats(): T }>> = {}): Record<string, T> =>
  Object.fromEntries(Object.entries(all).map(([name, each]) => [name, each.stats()]));

/** The same for sources that were checked. */
export function healthOf({ pools, limiters }: HealthSources): Health {
  return { pools: statsOf(pools), limiters: statsOf(limiters), turn: turn.stats() };
}

/**
 * The state of pools and limiters, and of the gate, for a page such as /health.
 *
 * @throws InvalidArgumentError for what is no such source.
 * @example
 * app.get('/health', (request, response) => response.json(health({ pools: { images } })));
 * @since 0.1.0
 */
export function health(sources: HealthSources = {}): Health {
  checkSources('health()', sources);
  return healthOf(sources);
}
