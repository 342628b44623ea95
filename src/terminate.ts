// How a thread is ended. Node 20 and 22 lose a request that comes at the moment when the thread wakes: a loop without end that it
// begins then would go on, with nobody left who could end it. So the request is made again until the thread has ended.
import type { Worker } from 'node:worker_threads';
import { startTimer } from './timer.js';

/** ms until the first repetition; each one waits twice as long as the one before, for a native function cannot be ended. */
const AGAIN = 50;

/** Ends a thread, whatever it does. */
export function terminate(worker: Worker): void {
  let timer: NodeJS.Timeout | undefined;
  const request = (pause: number): void => {
    void worker.terminate().catch(() => {});
    timer = startTimer(() => request(pause * 2), pause)?.unref();
  };
  // Each request listens for the end.
  worker.setMaxListeners(0);
  worker.once('exit', () => clearTimeout(timer));
  request(AGAIN);
}
