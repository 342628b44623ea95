// The clock of every wait. Taken once, so that a test's fake timers cannot stop it.
import { performance } from 'node:perf_hooks';

const { now } = performance;

/** Monotonic milliseconds. */
export const clock: () => number = now.bind(performance);
