// How pools, limiters and the gate are: as data, as text for Prometheus, and for the package prom-client.
import type * as Prom from 'prom-client';
import {
  type Durations,
  type Limiter,
  type LimiterStats,
  type PoolStats,
  type TurnStats,
  turn,
  type WorkerPool,
} from '../index.js';
import { checkNames, expect } from './check.js';

/** What is looked at, by the names that it is given. */
export interface HealthSources {
  readonly pools?: Readonly<Record<string, WorkerPool>> | undefined;
  readonly limiters?: Readonly<Record<string, Limiter>> | undefined;
}

/** How they are. */
export interface Health {
  readonly pools: Readonly<Record<string, PoolStats>>;
  readonly limiters: Readonly<Record<string, LimiterStats>>;
  /** The gate of handlers that stay on the event loop. */
  readonly turn: TurnStats;
}

function check(call: string, sources: HealthSources): void {
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

/**
 * The state of pools and limiters, and of the gate, for a page such as /health.
 *
 * @throws InvalidArgumentError for what is no such source.
 * @example
 * app.get('/health', (request, response) => response.json(health({ pools: { images } })));
 * @since 0.1.0
 */
export function health(sources: HealthSources = {}): Health {
  check('health()', sources);
  return { pools: statsOf(sources.pools), limiters: statsOf(sources.limiters), turn: turn.stats() };
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

type Read<T> = (of: T) => readonly Sample[];

const one =
  <T>(read: (of: T) => number): Read<T> =>
  (of) => [[{}, read(of)]];
const quantiles =
  (read: (of: PoolStats) => Durations): Read<PoolStats> =>
  (of) => {
    const { p50, p95, p99 } = read(of);
    return Object.entries({ 0.5: p50, 0.95: p95, 0.99: p99 }).map(([quantile, ms]) => [
      { quantile },
      ms / 1000,
    ]);
  };
const total = ({ count, mean }: Durations): number => (count * mean) / 1000;

type Row<T> = readonly [name: string, type: Family['type'], help: string, read: Read<T>];

const POOL: readonly Row<PoolStats>[] = [
  ['size', 'gauge', 'The most workers.', one(({ size }) => size)],
  ['workers', 'gauge', 'Workers that there are.', one(({ workers }) => workers.length)],
  [
    'idle_workers',
    'gauge',
    'Workers with nothing to do.',
    one((s) => s.workers.filter((w) => w.isIdle).length),
  ],
  ['queued', 'gauge', 'Tasks that wait.', one(({ queued }) => queued)],
  ['oldest_seconds', 'gauge', 'Since when the oldest waits.', one(({ oldestMs }) => oldestMs / 1000)],
  ['running', 'gauge', 'Tasks that run.', one(({ running }) => running)],
  ['abandoned', 'gauge', 'Of these, whose callers have given up.', one(({ abandoned }) => abandoned)],
  ['completed_total', 'counter', 'Tasks that gave a value.', one(({ completed }) => completed)],
  ['failed_total', 'counter', 'Tasks that did not.', one(({ failed }) => failed)],
  ['wait_seconds', 'gauge', 'How long tasks waited.', quantiles(({ wait }) => wait)],
  ['wait_seconds_total', 'counter', 'The same, added up.', one(({ wait }) => total(wait))],
  ['run_seconds', 'gauge', 'How long tasks ran.', quantiles(({ run }) => run)],
  ['run_seconds_total', 'counter', 'The same, added up.', one(({ run }) => total(run))],
  ['started_total', 'counter', 'Workers that were started.', one(({ started }) => started)],
  [
    'deaths_total',
    'counter',
    'Workers that ended otherwise than by being idle.',
    ({ deaths }) => Object.entries(deaths).map(([why, count]) => [{ why }, count]),
  ],
];
const LIMITER: readonly Row<LimiterStats>[] = [
  ['most', 'gauge', 'The most tasks at once.', one(({ most }) => most)],
  ['used', 'gauge', 'Tasks that are let in.', one(({ used }) => used)],
  ['waiting', 'gauge', 'Tasks that wait to be let in.', one(({ waiting }) => waiting)],
];
const TURN: readonly Row<TurnStats>[] = [
  ['waiting', 'gauge', 'Callers in line.', one(({ waiting }) => waiting)],
  ['admitted_total', 'counter', 'Callers that were let in.', one(({ admitted }) => admitted)],
  ['refused_total', 'counter', 'Callers that a full line has refused.', one(({ refused }) => refused)],
];

function familiesOf<T>(
  prefix: string,
  rows: readonly Row<T>[],
  all: readonly (readonly [labels: Labels, of: T])[],
): Family[] {
  return rows.map(([name, type, help, read]) => ({
    name: `isthmus_${prefix}_${name}`,
    type,
    help,
    samples: all.flatMap(([labels, of]) =>
      read(of).map(([more, value]): Sample => [{ ...labels, ...more }, value]),
    ),
  }));
}

function families(sources: HealthSources): Family[] {
  const { pools, limiters, turn } = health(sources);
  const named = <T>(label: string, all: Readonly<Record<string, T>>): [Labels, T][] =>
    Object.entries(all).map(([name, of]) => [{ [label]: name }, of]);
  return [
    ...familiesOf('pool', POOL, named('pool', pools)),
    ...familiesOf('limiter', LIMITER, named('limiter', limiters)),
    ...familiesOf('turn', TURN, [[{}, turn]]),
  ].filter(({ samples }) => samples.length > 0);
}

const numberOf = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function lineOf(name: string, [labels, value]: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numberOf(value)}`;
}

/**
 * The same as text that Prometheus reads; send it as `text/plain; version=0.0.4`.
 *
 * @throws InvalidArgumentError for what is no such source.
 * @example
 * app.get('/metrics', (request, response) => response.type('text/plain').send(metrics({ pools: { images } })));
 * @since 0.1.0
 */
export function metrics(sources: HealthSources = {}): string {
  return families(sources)
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map((sample) => lineOf(name, sample)),
        '',
      ].join('\n'),
    )
    .join('');
}

/** The package prom-client, as far as it is needed. */
export type PromClient = Pick<typeof Prom, 'Gauge' | 'Counter'>;

/**
 * Adds the same to the metrics of the package prom-client.
 *
 * @param client The package: `import client from 'prom-client'`.
 * @param sources What is looked at; the same names must be there as long as the metrics are.
 * @param registers Where they are registered. Default: prom-client's global registry.
 * @throws InvalidArgumentError for what is no such source.
 * @example
 * addMetrics(client, { pools: { images } });
 * const text = await client.register.metrics();
 * @since 0.1.0
 */
export function addMetrics(
  client: PromClient,
  sources: HealthSources = {},
  registers?: readonly Prom.Registry[],
): void {
  check('addMetrics()', sources);
  expect('addMetrics()', 'registers', registers, Array.isArray(registers), 'an array of registries');
  for (const { name, type, help, samples } of families(sources)) {
    const now = (): readonly Sample[] => families(sources).find((each) => each.name === name)?.samples ?? [];
    const config = {
      name,
      help,
      labelNames: Object.keys(samples[0]?.[0] ?? {}),
      ...(registers && { registers: [...registers] }),
    };
    if (type === 'gauge') {
      new client.Gauge({
        ...config,
        collect() {
          for (const [labels, value] of now()) this.set(labels, value);
        },
      });
    } else {
      new client.Counter({
        ...config,
        collect() {
          this.reset();
          for (const [labels, value] of now()) this.inc(labels, value);
        },
      });
    }
  }
}
