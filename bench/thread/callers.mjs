/** How each library makes the blocking call; `transfer` is undefined where it cannot move bytes. */
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

const here = (name) => new URL(name, import.meta.url);

async function isthmus(entry) {
  const { runInThread } = await import(entry);
  const { echo, callBack } = await import('./functions.mjs');
  return {
    call: (value) => runInThread(echo, value),
    transfer: (bytes) => runInThread.with({ transfer: [bytes.buffer] })(echo, bytes),
    callback: (times, callback) => runInThread(callBack, times, callback),
  };
}

export const callers = {
  isthmus: () => isthmus('../../dist/index.js'),
  /** The same without looking, as sleeping.mjs builds it. */
  'always sleeping': () => isthmus(pathToFileURL(process.env.BENCH_SLEEPING)),
  async synckit() {
    const { createSyncFn } = await import('synckit');
    return { call: createSyncFn(here('synckit-worker.mjs')) };
  },
  async 'make-synchronous'() {
    const { default: makeSynchronous } = await import('make-synchronous');
    return { call: makeSynchronous(async (value) => value) };
  },
  async 'sync-message-port'() {
    const { SyncMessagePort } = await import('sync-message-port');
    const channel = SyncMessagePort.createChannel();
    const worker = new Worker(here('port-worker.mjs'), {
      workerData: { port: channel.port2 },
      transferList: [channel.port2],
    });
    worker.unref();
    const port = new SyncMessagePort(channel.port1);
    const ask = (value, transfer) => {
      port.postMessage(value, transfer);
      return port.receiveMessage();
    };
    return { call: (value) => ask(value), transfer: (bytes) => ask(bytes, [bytes.buffer]) };
  },
  /** postMessage, Atomics.wait, receiveMessageOnPort, and nothing else: no errors, no timeout, no callbacks. */
  async floor() {
    const { port1, port2 } = new MessageChannel();
    const word = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(here('floor-worker.mjs'), {
      workerData: { port: port2, word },
      transferList: [port2],
    });
    worker.unref();
    const ask = (value, transfer = []) => {
      Atomics.store(word, 0, 0);
      port1.postMessage(value, transfer);
      Atomics.wait(word, 0, 0);
      for (;;) {
        const received = receiveMessageOnPort(port1);
        if (received !== undefined) return received.message;
      }
    };
    return { call: (value) => ask(value), transfer: (bytes) => ask(bytes, [bytes.buffer]) };
  },
};
