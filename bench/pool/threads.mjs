/**
 * How each library calls on one of two threads: node threads.mjs <library> <case>
 * `move` is absent where a library cannot move bytes there and back.
 */
import { fileURLToPath } from 'node:url';
import { posting, waiting } from './bare.mjs';
import { contend } from './contender.mjs';

const SIZE = 2;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function piscina(settings) {
  const { Piscina } = await import('piscina');
  const filename = here('piscina-worker.mjs');
  const pool = new Piscina({ filename, name: 'add', minThreads: SIZE, maxThreads: SIZE, ...settings });
  return {
    add: (a, b) => pool.run([a, b]),
    echo: (bytes) => pool.run(bytes, { name: 'echo' }),
    move: (bytes) => pool.run(bytes, { name: 'move', transferList: [bytes.buffer] }),
  };
}

await contend({
  async isthmus(name) {
    const { createPool, toThread } = await import('../../dist/index.js');
    const { add, echo } = await import('./functions.mjs');
    const { move } = await import('./isthmus-functions.mjs');
    if (name === 'first') return { add: (a, b) => toThread(add, a, b) };
    const pool = createPool({ kind: 'thread', size: SIZE });
    return {
      add: (a, b) => pool.run(add, a, b),
      echo: (bytes) => pool.run(echo, bytes),
      move: (bytes) => pool.with({ transfer: [bytes.buffer] }).run(move, bytes),
    };
  },
  // By default a worker has one task and is idle while its answer travels. Here it finds the next ones in its port.
  piscina: () => piscina({ concurrentTasksPerWorker: 64, recordTiming: false }),
  'piscina, default': () => piscina({}),
  /** It moves bytes to the worker only. */
  async poolifier() {
    const { FixedThreadPool } = await import('poolifier');
    const pool = new FixedThreadPool(SIZE, here('poolifier-worker.cjs'), { enableEvents: false });
    return {
      add: (a, b) => pool.execute([a, b], 'add'),
      echo: (bytes) => pool.execute(bytes, 'echo'),
    };
  },
  async tinypool() {
    const { Tinypool } = await import('tinypool');
    const filename = here('tinypool-worker.mjs');
    const settings = { minThreads: SIZE, maxThreads: SIZE, concurrentTasksPerWorker: 64 };
    const pool = new Tinypool({ filename, name: 'add', ...settings });
    return {
      add: (a, b) => pool.run([a, b]),
      echo: (bytes) => pool.run(bytes, { name: 'echo' }),
      move: (bytes) => pool.run(bytes, { name: 'move', transferList: [bytes.buffer] }),
    };
  },
  async workerpool() {
    const { default: workerpool } = await import('workerpool');
    const settings = { workerType: 'thread', minWorkers: SIZE, maxWorkers: SIZE };
    const pool = workerpool.pool(here('workerpool-worker.mjs'), settings);
    return {
      add: (a, b) => pool.exec('add', [a, b]),
      echo: (bytes) => pool.exec('echo', [bytes]),
      move: (bytes) => pool.exec('move', [bytes], { transfer: [bytes.buffer] }),
    };
  },
  async 'jest-worker'() {
    const { Worker } = await import('jest-worker');
    return new Worker(here('functions.mjs'), {
      enableWorkerThreads: true,
      exposedMethods: ['add', 'echo'],
      numWorkers: SIZE,
      workerSchedulingPolicy: 'in-order',
    });
  },
  'bare, 1 worker': () => posting(1),
  'bare, 2 workers': () => posting(SIZE),
  'bare, 2 waiting': () => waiting(SIZE),
});
