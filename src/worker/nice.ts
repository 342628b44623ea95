// The priority of a worker.
import { builtin } from '../builtin.js';

/** The lowest priority that there is. */
const MOST = 19;

/** Steps back so far. Where that is not allowed, or not possible for what runs here, nothing happens. */
export function stepBack(nice: number): void {
  if (nice === 0) return;
  const { getPriority, setPriority } = builtin('node:os') as typeof import('node:os');
  try {
    // Relative to what whoever has started it has, for nobody may step forward.
    setPriority(Math.min(MOST, getPriority() + nice));
  } catch {}
}
