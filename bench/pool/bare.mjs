/**
 * Pairs written by hand: what threads and processes can do with a few lines and no errors, no cancellation, no restarts.
 * Each keeps a task's promise by its number and gives the task to whoever has the fewest.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

const here = (name) => new URL(name, import.meta.url);

/** `hire(done)` starts one and returns how a task is posted to it; `done` takes its answers. */
function crew(size, hire) {
  const waiting = new Map();
  const members = Array.from({ length: size }, () => {
    const member = { busy: 0 };
    member.post = hire(([id, value]) => {
      member.busy--;
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve(value);
    });
    return member;
  });
  let last = 0;
  const ask = (name, a, b, transfer) =>
    new Promise((resolve) => {
      let chosen = members[0];
      for (const member of members) if (member.busy < chosen.busy) chosen = member;
      chosen.busy++;
      const id = ++last;
      waiting.set(id, resolve);
      chosen.post([id, name, a, b], transfer);
    });
  return {
    ask,
    add: (a, b) => ask('add', a, b),
    echo: (bytes) => ask('echo', bytes),
    move: (bytes) => ask('move', bytes, undefined, [bytes.buffer]),
  };
}

/** postMessage and 'message' events, both ways. */
export const posting = (size, file = here('bare-worker.mjs')) =>
  crew(size, (done) => {
    const worker = new Worker(file);
    worker.on('message', done);
    return (message, transfer) => worker.postMessage(message, transfer);
  });

/** The workers wait on a shared word while there is work, and one event brings all the answers there are. */
export const waiting = (size) =>
  crew(size, (done) => {
    const { port1, port2 } = new MessageChannel();
    const word = new Int32Array(new SharedArrayBuffer(4));
    new Worker(here('waiting-worker.mjs'), { workerData: { port: port2, word }, transferList: [port2] });
    port1.on('message', (first) => {
      done(first);
      for (;;) {
        const received = receiveMessageOnPort(port1);
        if (received === undefined) return;
        done(received.message);
      }
    });
    return (message, transfer) => {
      port1.postMessage(message, transfer);
      Atomics.add(word, 0, 1);
      Atomics.notify(word, 0);
    };
  });

/** send() and 'message' events, both ways. */
export function sending(size) {
  const { add, echo } = crew(size, (done) => {
    const child = fork(fileURLToPath(here('bare-child.mjs')), { serialization: 'advanced' });
    child.on('message', done);
    return (message) => child.send(message);
  });
  return { add, echo };
}
