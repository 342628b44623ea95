// Workers that use the package and are terminated in the middle of a wait: node --expose-gc workers.mjs <count>.
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const source = `import(${JSON.stringify(import.meta.resolve('isthmus'))}).then(({ run }) => {
  run(new Promise((resolve) => setTimeout(resolve, 1)));
  run(require('node:fs').promises.stat('/'));
  setTimeout(() => {
    require('node:worker_threads').parentPort.postMessage('waits');
    run(new Promise(() => setInterval(() => {}, 1000)));
  }, 1);
  run(new Promise(() => {}));
});`;

async function once() {
  const worker = new Worker(source, { eval: true });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
}

async function measure() {
  const read = () => ({
    heap: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  });
  for (let i = 0; i < 5; i++) {
    await sleep(20);
    globalThis.gc();
  }
  return read();
}

const count = Number(process.argv[2]);
for (let i = 0; i < 5; i++) await once();
const middle = await measure();
for (let i = 0; i < count; i++) await once();
const end = await measure();
console.log(JSON.stringify({ middle, end }));
process.exit(0);
