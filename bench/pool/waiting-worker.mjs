/**
 * The worker of the pair that waits: between two tasks it sleeps on the shared word, from which it is woken without its
 * event loop, and goes back to the loop when no task has come for a while.
 */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { add, echo } from './functions.mjs';

const PATIENCE = 20; // ms
const { port, word } = workerData;
const functions = { add, echo, move: echo };

function answer([id, name, a, b]) {
  const value = functions[name](a, b);
  port.postMessage([id, value], name === 'move' ? [value.buffer] : undefined);
}

port.on('message', (first) => {
  answer(first);
  for (;;) {
    // Read before the port is: what is posted in between changes it, and then the wait does not begin.
    const seen = Atomics.load(word, 0);
    for (;;) {
      const received = receiveMessageOnPort(port);
      if (received === undefined) break;
      answer(received.message);
    }
    if (Atomics.wait(word, 0, seen, PATIENCE) === 'timed-out') return;
  }
});
