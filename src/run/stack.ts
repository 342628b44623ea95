// How much stack JavaScript has on this thread. V8 keeps its limit to itself and flags change it, so it is measured
// once, by the first call that stands deep enough to care.
import type { Pump } from './pump.js';

/** Recurses until V8 refuses, and lets the pump note how far down that was. Takes about a millisecond. */
export function measureStack(pump: Pump): void {
  const { mark } = pump;
  const dive = (): void => {
    if (mark()) dive();
  };
  try {
    dive();
  } catch {
    // The RangeError that ends the recursion is the measurement.
  }
  pump.measured();
}
