// Not the global's: a test's fake timers must not stop a deadline. Node's longest timer is 24.8 days; asked for more, it fires at once.
import { setTimeout } from 'node:timers';

const LONGEST = 2 ** 31 - 1;

/** Calls `work` after so many ms; never, where no timer is that long. */
export function startTimer(work: () => void, ms: number): NodeJS.Timeout | undefined {
  return ms > LONGEST ? undefined : setTimeout(work, ms);
}
