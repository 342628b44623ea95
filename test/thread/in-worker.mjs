// A Worker of the user's own, in which calls are made.
import { parentPort } from 'node:worker_threads';
import { runInThread } from 'isthmus';
import { add, echoLater } from './functions.mjs';

parentPort.postMessage([
  runInThread(add, 1, 2),
  runInThread(echoLater, 'async'),
  [1, 2].map((n) => runInThread(add, n, n)),
]);
