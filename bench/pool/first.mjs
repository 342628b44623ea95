/** The time from the import to the first result: a process for each sample, the libraries in turns. */
import { once } from '../run/child.mjs';
import { outcome } from '../run/race.mjs';
import { everyone } from './cases.mjs';

/** As race() has it. */
export async function first(execPath, kind, { contender, rounds }) {
  const libraries = everyone(kind);
  const skipped = {};
  const times = Object.fromEntries(libraries.map((library) => [library, []]));
  for (let round = 0; round < rounds; round++) {
    for (const library of libraries.filter((one) => !(one in skipped))) {
      try {
        times[library].push(await once(execPath, contender, [library, 'first'], { group: true }));
      } catch (error) {
        skipped[library] = error.message;
      }
    }
  }
  return outcome(times, skipped, { libraries, rivals: kind.peers });
}
