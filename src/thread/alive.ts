// Is a thread of this process still there? While a caller sleeps it gets none of its worker's events, and a thread that
// runs out of memory says nothing; but the system knows its threads.
import { fs } from '../fs.js';

const TASKS = '/proc/self/task';

/** The numbers of this process's threads; empty where the system does not show them. */
export function threads(): string[] {
  try {
    return fs.readdirSync(TASKS);
  } catch {
    return [];
  }
}

/** False only for a thread that is known to have ended. */
export function isAlive(thread: number | string): boolean {
  return fs.existsSync(`${TASKS}/${thread}`) || !fs.existsSync(TASKS);
}
