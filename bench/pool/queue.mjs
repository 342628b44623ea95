/** What a task costs when very many are given to a pool at once: whether its queue is linear. */
import { once } from '../run/child.mjs';
import { ours } from '../run/libraries.mjs';
import { median } from '../run/stats.mjs';

const LIMIT = 180_000; // ms
export const sizes = [1e3, 1e4, 1e5, 1e6];
export const queuing = [ours, 'piscina', 'piscina, default'];

/** `{ library: { size: { ns, heap, rss } | { skipped: why } } }`, each sample of a process of its own. */
export async function queues(execPath, { contender, rounds, progress }) {
  const samples = Object.fromEntries(queuing.map((library) => [library, {}]));
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      progress(`${size.toLocaleString('en')} tasks at once, round ${round + 1} of ${rounds}`);
      for (const library of queuing) {
        samples[library][size] ??= { ns: [], heap: [], rss: [] };
        await sample(samples[library][size], (name) =>
          once(execPath, contender, [library, name, `${size}`], { group: true, limit: LIMIT }),
        );
      }
    }
  }
  const middle = ({ skipped, ns, heap, rss }) =>
    skipped ? { skipped } : { ns: median(ns), heap: median(heap), rss: median(rss) };
  return Object.fromEntries(
    queuing.map((library) => [
      library,
      Object.fromEntries(sizes.map((size) => [size, middle(samples[library][size])])),
    ]),
  );
}

/** Time and memory are taken apart: looking at the memory takes time in which the workers get ahead. */
async function sample(into, ask) {
  if (into.skipped) return;
  try {
    into.ns.push(await ask('burst'));
    const { heap, rss } = await ask('weight');
    into.heap.push(heap);
    into.rss.push(rss);
  } catch (error) {
    into.skipped = error.message;
  }
}
