import { workerData } from 'node:worker_threads';
import { SyncMessagePort } from 'sync-message-port';
import { echo } from './functions.mjs';

const port = new SyncMessagePort(workerData.port);
port.on('message', async (value) => port.postMessage(await echo(value)));
