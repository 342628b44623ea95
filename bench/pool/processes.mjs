/** How each library calls in one of two processes: node processes.mjs <library> <case> */
import { fileURLToPath } from 'node:url';
import { sending } from './bare.mjs';
import { contend } from './contender.mjs';

const SIZE = 2;
/** Bytes arrive as bytes: JSON, which is the default of most, makes objects of them. */
const serialization = 'advanced';
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

await contend({
  async isthmus(name) {
    const { createPool, toProcess } = await import('../../dist/index.js');
    const { add, echo } = await import('./functions.mjs');
    if (name === 'first') return { add: (a, b) => toProcess(add, a, b) };
    const pool = createPool({ kind: 'process', size: SIZE });
    return {
      add: (a, b) => pool.run(add, a, b),
      echo: (bytes) => pool.run(echo, bytes),
    };
  },
  async poolifier() {
    const { FixedClusterPool } = await import('poolifier');
    const settings = { enableEvents: false, settings: { serialization } };
    const pool = new FixedClusterPool(SIZE, here('poolifier-worker.cjs'), settings);
    return {
      add: (a, b) => pool.execute([a, b], 'add'),
      echo: (bytes) => pool.execute(bytes, 'echo'),
    };
  },
  async 'jest-worker'() {
    const { Worker } = await import('jest-worker');
    return new Worker(here('functions.mjs'), {
      exposedMethods: ['add', 'echo'],
      forkOptions: { serialization },
      numWorkers: SIZE,
      workerSchedulingPolicy: 'in-order',
    });
  },
  async workerpool() {
    const { default: workerpool } = await import('workerpool');
    const settings = { workerType: 'process', minWorkers: SIZE, maxWorkers: SIZE };
    const pool = workerpool.pool(here('workerpool-worker.mjs'), { ...settings, forkOpts: { serialization } });
    return {
      add: (a, b) => pool.exec('add', [a, b]),
      echo: (bytes) => pool.exec('echo', [bytes]),
    };
  },
  async tinypool() {
    const { Tinypool } = await import('tinypool');
    const filename = here('tinypool-worker.mjs');
    const settings = { minThreads: SIZE, maxThreads: SIZE, concurrentTasksPerWorker: 64, serialization };
    const pool = new Tinypool({ filename, name: 'add', runtime: 'child_process', ...settings });
    return {
      add: (a, b) => pool.run([a, b]),
      echo: (bytes) => pool.run(bytes, { name: 'echo' }),
    };
  },
  'bare, 2 processes': () => sending(SIZE),
});
