// The numbers of a Health, as systems of metrics want them: families of samples with labels.
import type { Durations, LimiterStats, PoolStats, TurnStats } from '../index.js';
import type { Health } from './sources.js';

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

export interface Family {
  /** What is looked at, and what of it, as Prometheus names it: with its unit, and `_total` for what only grows. */
  readonly of: 'pool' | 'limiter' | 'turn';
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** `s` are seconds; what is counted stands in braces. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** There may be none: a pool that its first route makes is not there before. */
  samples(health: Health): readonly Sample[];
}

interface Row<T> {
  readonly name: string;
  readonly type: Family['type'];
  readonly unit: string;
  readonly help: string;
  /** The label that tells the samples of one source apart. */
  readonly label: string | undefined;
  readonly read: (of: T) => readonly (readonly [label: string, value: number])[];
}

type Kind = readonly [type: Family['type'], unit: string];
const tasks: Kind = ['gauge', '{task}'];
const workers: Kind = ['gauge', '{worker}'];
const callers: Kind = ['gauge', '{caller}'];
const counted = ([, unit]: Kind): Kind => ['counter', unit];

const one = <T>(name: string, [type, unit]: Kind, help: string, read: (of: T) => number): Row<T> => ({
  name,
  type,
  unit,
  help,
  label: undefined,
  read: (of) => [['', read(of)]],
});

function times(name: string, help: string, read: (of: PoolStats) => Durations): Row<PoolStats> {
  const quantiles = (of: PoolStats): [string, number][] => {
    const { p50, p95, p99 } = read(of);
    return Object.entries({ 0.5: p50, 0.95: p95, 0.99: p99 }).map(([quantile, ms]) => [quantile, ms / 1000]);
  };
  return { name, type: 'gauge', unit: 's', help, label: 'quantile', read: quantiles };
}
const total = ({ count, mean }: Durations): number => (count * mean) / 1000;

const POOL: readonly Row<PoolStats>[] = [
  one('size', workers, 'The most workers.', ({ size }) => size),
  one('workers', workers, 'Workers that there are.', (pool) => pool.workers.length),
  one('idle_workers', workers, 'Workers with nothing to do.', (pool) => {
    return pool.workers.filter(({ isIdle }) => isIdle).length;
  }),
  one('queued', tasks, 'Tasks that wait.', ({ queued }) => queued),
  one('oldest_seconds', ['gauge', 's'], 'Since when the oldest waits.', ({ oldestMs }) => oldestMs / 1000),
  one('running', tasks, 'Tasks that run.', ({ running }) => running),
  one('abandoned', tasks, 'Of these, whose callers have given up.', ({ abandoned }) => abandoned),
  one('completed_total', counted(tasks), 'Tasks that gave a value.', ({ completed }) => completed),
  one('failed_total', counted(tasks), 'Tasks that did not.', ({ failed }) => failed),
  times('wait_seconds', 'How long tasks waited.', ({ wait }) => wait),
  one('waited_seconds_total', ['counter', 's'], 'The same, added up.', ({ wait }) => total(wait)),
  times('run_seconds', 'How long tasks ran.', ({ run }) => run),
  one('ran_seconds_total', ['counter', 's'], 'The same, added up.', ({ run }) => total(run)),
  one('started_total', counted(workers), 'Workers that were started.', ({ started }) => started),
  {
    name: 'deaths_total',
    type: 'counter',
    unit: '{worker}',
    help: 'Workers that ended otherwise than by being idle.',
    label: 'why',
    read: ({ deaths }) => Object.entries(deaths),
  },
];
const LIMITER: readonly Row<LimiterStats>[] = [
  one('most', tasks, 'The most tasks at once.', ({ most }) => most),
  one('used', tasks, 'Tasks that are let in.', ({ used }) => used),
  one('waiting', tasks, 'Tasks that wait to be let in.', ({ waiting }) => waiting),
];
const TURN: readonly Row<TurnStats>[] = [
  one('waiting', callers, 'Callers in line.', ({ waiting }) => waiting),
  one('admitted_total', counted(callers), 'Callers that were let in.', ({ admitted }) => admitted),
  one('refused_total', counted(callers), 'Callers that a full line has refused.', ({ refused }) => refused),
];

/** `sources` gives what is looked at, by its name; where there is one only it has none. */
function familiesOf<T>(
  of: Family['of'],
  rows: readonly Row<T>[],
  isNamed: boolean,
  sources: (health: Health) => Readonly<Record<string, T>>,
): Family[] {
  return rows.map(({ label, read, ...row }) => ({
    ...row,
    of,
    labels: [...(isNamed ? [of] : []), ...(label === undefined ? [] : [label])],
    samples: (health) =>
      Object.entries(sources(health)).flatMap(([name, source]) =>
        read(source).map(([key, value]): Sample => {
          const labels = { ...(isNamed && { [of]: name }), ...(label !== undefined && { [label]: key }) };
          return [labels, value];
        }),
      ),
  }));
}

export const FAMILIES: readonly Family[] = [
  ...familiesOf('pool', POOL, true, ({ pools }) => pools),
  ...familiesOf('limiter', LIMITER, true, ({ limiters }) => limiters),
  ...familiesOf('turn', TURN, false, ({ turn }) => ({ turn })),
];
