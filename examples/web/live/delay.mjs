// How long the event loop of this thread stands still. A loop that does so now cannot tell: it tells afterwards.
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** ms between two looks; so much of each measured interval is no delay. */
const RESOLUTION = 10;

const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });

export const watchDelay = () => histogram.enable();

/** The longest standstill (ms) since this was asked last. */
export function longestDelay() {
  const longest = histogram.count === 0 ? 0 : histogram.max / 1e6 - RESOLUTION;
  histogram.reset();
  return Math.max(0, longest);
}
