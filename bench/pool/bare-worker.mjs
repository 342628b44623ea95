/** The worker of the pairs that only post messages. */
import { parentPort } from 'node:worker_threads';
import { add, echo } from './functions.mjs';

const functions = { add, echo, move: echo };
parentPort.on('message', ([id, name, a, b]) => {
  const value = functions[name](a, b);
  parentPort.postMessage([id, value], name === 'move' ? [value.buffer] : undefined);
});
