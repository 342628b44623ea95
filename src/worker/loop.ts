// What a thread that works for another does about its event loop.
import type { MessagePort } from 'node:worker_threads';

/** Bun's and Deno's workers do not say that nothing is left to do. */
const tellsEmpty = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

/** Says whether the thread's loop may end. Then it says so ('beforeExit'), and what is still running can never settle. */
export function holderBy(port: MessagePort): (on: boolean) => void {
  let held = true;
  return (on) => {
    if (on === held || !tellsEmpty) return;
    held = on;
    if (on) port.ref();
    else port.unref();
  };
}

/** Does `work` after a turn of the loop; once, however often it is asked for until then. */
export function afterTurn(work: () => void): () => void {
  let isLater = false;
  return () => {
    if (isLater) return;
    isLater = true;
    setImmediate(() => {
      isLater = false;
      work();
    });
  };
}
