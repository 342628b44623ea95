// Row b: one pass over all async handles that were woken: ports, platform tasks, the thread pool's own.
import { stat } from 'node:fs/promises';
import { MessageChannel } from 'node:worker_threads';
import { block, calm, churn, firstOf, rightOrLate } from '../kit.mjs';
import { wasmModule } from '../wasm.mjs';

function closeAll(channels) {
  for (const { port1 } of channels) port1.close();
}

export async function portWaitsForFsAndPort(run) {
  const channels = [new MessageChannel(), new MessageChannel()];
  const second = new Promise((resolve) => channels[1].port2.on('message', resolve));
  const { first, done } = firstOf(() => {
    run(stat('/'));
    run(second);
    calm(run);
  });
  channels[0].port2.on('message', first);
  for (const { port1 } of channels) port1.postMessage(1);
  block(20);
  await done;
  closeAll(channels);
}

export async function portsAfterAwait(run) {
  const channels = Array.from({ length: 6 }, () => new MessageChannel());
  const messages = channels.map(({ port2 }) => new Promise((resolve) => port2.on('message', resolve)));
  for (const { port1 } of channels) port1.postMessage(1);
  block(20);
  await Promise.race(messages);
  for (const message of messages) run(message);
  calm(run);
  closeAll(channels);
}

export async function platformTasks(run) {
  const compiled = [1, 2, 3, 4].map((size) => WebAssembly.compile(wasmModule(100 * size)));
  block(200);
  await Promise.race(compiled);
  for (const promise of compiled) rightOrLate(run, promise);
  calm(run);
}

export async function portThatClosesItself(run) {
  for (let round = 0; round < 20; round++) {
    const channels = Array.from({ length: 5 }, () => new MessageChannel());
    const all = channels.map(({ port1, port2 }) => {
      const { first, done } = firstOf(() => {
        port1.close();
        churn(run);
      });
      port1.on('message', first);
      port2.postMessage(1);
      port2.postMessage(2);
      return done;
    });
    await Promise.all(all);
  }
}
