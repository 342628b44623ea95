/** What the pair of fastify.mjs posts requests to: it calls the handler. */
import { parentPort } from 'node:worker_threads';
import { add } from './handlers.mjs';

parentPort.on('message', ([id, , request]) => parentPort.postMessage([id, add(request)]));
