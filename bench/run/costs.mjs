/** What the package costs beside its calls: levels, the loop's detours, and its import. */
import { Child, once } from './child.mjs';
import { median } from './stats.mjs';

const LIMIT = 60_000; // ms for one round
const IMPORTS = 15;

export const modes = [
  { name: 'none', title: 'without isthmus' },
  { name: 'import', title: 'imported' },
  { name: 'ran', title: 'run() was called once' },
  { name: 'immediate', title: 'a wait has stood in an immediate' },
];

export const levels = (execPath) => once(execPath, 'levels.cjs', [], { limit: LIMIT });

/** `{ mode: { immediate: ns, timer: ns } }`, the rounds of the modes in turns. */
export async function loops(execPath, rounds) {
  const children = modes.map(({ name }) => [name, new Child(execPath, 'loop.cjs', [name])]);
  const times = Object.fromEntries(modes.map(({ name }) => [name, []]));
  try {
    for (const [, child] of children) await child.answer(LIMIT);
    for (let round = 0; round < rounds; round++) {
      for (const [name, child] of children) {
        child.ask();
        times[name].push(await child.answer(LIMIT));
      }
    }
  } finally {
    for (const [, child] of children) child.end();
  }
  const pick = (name, key, of) => of(times[name].map((time) => time[key]));
  // The CPU time of a loop that sleeps is mostly the kernel's noise, which only ever adds.
  const least = (values) => Math.min(...values);
  return Object.fromEntries(
    modes.map(({ name }) => [
      name,
      { immediate: pick(name, 'immediate', median), timer: pick(name, 'timer', least) },
    ]),
  );
}

/** ms of an import and the threads it starts, each in fresh processes that take turns. */
export async function imports(execPath) {
  const kinds = [
    { name: 'package', args: ['package'], env: {} },
    { name: 'off', args: ['package'], env: { ISTHMUS_PUMP: 'off' } },
    { name: 'nothing', args: ['nothing'], env: {} },
  ];
  const samples = Object.fromEntries(kinds.map(({ name }) => [name, []]));
  for (let i = 0; i < IMPORTS; i++) {
    for (const { name, args, env } of kinds) {
      samples[name].push(await once(execPath, 'load.mjs', args, { env, limit: LIMIT }));
    }
  }
  return Object.fromEntries(
    kinds.map(({ name }) => [
      name,
      {
        ms: median(samples[name].map(({ ms }) => ms)),
        threads: samples[name].some(({ threads }) => threads === null)
          ? null
          : Math.max(...samples[name].map(({ threads }) => threads)),
      },
    ]),
  );
}
