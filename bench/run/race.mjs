/** One case, all libraries: a process each, and the rounds take turns (A B C A B C …), so noise meets all alike. */
import { Child } from './child.mjs';
import { landmark, ours, peers } from './libraries.mjs';
import { median } from './stats.mjs';

/** In the order of the plot. A goal is isthmus's speed divided by that of the fastest peer. */
export const cases = [
  { name: 'settled', title: 'a settled promise', goal: 1.5 },
  { name: 'microtask', title: 'an async function, one microtask', goal: 1 },
  { name: 'immediate', title: 'a setImmediate promise', goal: 1 },
  { name: 'timer', title: 'a 1 ms timer' },
  { name: 'stat', title: 'fs.promises.stat' },
];

/** ms for one round. */
export const LIMIT = 20_000;

async function attempt(children, library, skipped, work) {
  try {
    return await work();
  } catch (error) {
    skipped[library] = error.message;
    children.get(library).end();
    children.delete(library);
  }
}

async function runRounds(children, rounds, times, skipped) {
  for (let round = 0; round < rounds; round++) {
    for (const [library, child] of children) {
      child.ask();
      const ns = await attempt(children, library, skipped, () => child.answer(LIMIT));
      if (ns !== undefined) times[library].push(ns);
    }
  }
}

/**
 * `{ ns: { library: median }, rounds: { library: [answer] }, ratio, goal, skipped: { library: why } }`. An answer is a
 * number of ns, unless `figure` makes one of it.
 */
export function outcome(times, skipped, { libraries, goal, rivals: among = peers, figure = (ns) => ns }) {
  const ns = {};
  for (const library of libraries) {
    if (!(library in skipped)) ns[library] = median(times[library].map(figure));
  }
  const rivals = among.filter((library) => library in ns).sort((a, b) => ns[a] - ns[b]);
  const fastest = rivals[0];
  return {
    ns,
    rounds: times,
    skipped,
    fastestPeer: fastest ?? null,
    ratio: fastest && ours in ns ? ns[fastest] / ns[ours] : null,
    ratioToAwait: landmark in ns && ours in ns ? ns[landmark] / ns[ours] : null,
    goal: goal ?? null,
  };
}

export async function race(
  execPath,
  { name, goal },
  { libraries, rounds, contender = 'contender.cjs', group, rivals, figure },
) {
  const skipped = {};
  const times = Object.fromEntries(libraries.map((library) => [library, []]));
  const children = new Map();
  try {
    // One after the other: a library that gets warm while others do settles for what it found then.
    for (const library of libraries) {
      const child = new Child(execPath, contender, [library, name], { group });
      children.set(library, child);
      await attempt(children, library, skipped, () => child.answer(LIMIT));
    }
    await runRounds(children, rounds, times, skipped);
  } finally {
    for (const child of children.values()) child.end();
  }
  return outcome(times, skipped, { libraries, goal, rivals, figure });
}
