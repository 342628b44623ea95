import { workerData } from 'node:worker_threads';
import { echo } from './functions.mjs';

const { port, word } = workerData;
port.on('message', async (value) => {
  port.postMessage(await echo(value));
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
});
