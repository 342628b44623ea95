/** What isthmus is to reach, and whether it does. A speed of 2x is half the time. */
import { ours } from '../run/libraries.mjs';

/** The least time that any of these takes; undefined when none of them was measured. */
export function fastest({ ns }, libraries) {
  const measured = libraries.filter((library) => library in ns);
  return measured.sort((a, b) => ns[a] - ns[b])[0];
}

/** How many times as fast as the fastest of these. */
export function speed(race, libraries) {
  const best = fastest(race, libraries);
  return best !== undefined && ours in race.ns ? race.ns[best] / race.ns[ours] : undefined;
}

const atLeast = (title, value, goal) => ({
  title: `${title}: at least ${goal}x`,
  measured: value === undefined ? undefined : `${value.toFixed(2)}x`,
  met: value >= goal,
});

const of = {
  thread({ throughput, latency, first }, { bare }) {
    const slower = 1 / speed(latency, bare);
    const ms = ours in first.ns ? first.ns[ours] / 1e6 : undefined;
    return [
      atLeast('64 in flight, of piscina at its best', speed(throughput, ['piscina', 'piscina, default']), 3),
      atLeast('64 in flight, of the pair that waits', speed(throughput, [bare.at(-1)]), 0.8),
      {
        title: 'one by one, p50, in times of the best pair: at most 1.15x',
        measured: Number.isNaN(slower) ? undefined : `${slower.toFixed(2)}x`,
        met: slower <= 1.15,
      },
      {
        title: 'import to first result: less than 45 ms',
        measured: ms === undefined ? undefined : `${ms.toFixed(1)} ms`,
        met: ms < 45,
      },
    ];
  },
  process: ({ throughput }, { peers }) => [
    atLeast('64 in flight, of the fastest peer', speed(throughput, peers), 1.5),
  ],
};

/** `[{ title, measured, met }]`; `measured` is undefined where something was skipped. */
export const goals = (name, races, kind) => of[name](races, kind);
