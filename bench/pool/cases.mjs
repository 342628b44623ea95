/** What is measured, of whom, in the order of the tables. */
import { ours } from '../run/libraries.mjs';

/** How the message of a wrong answer begins. */
export const WRONG = 'wrong answer';

const MEGABYTE = 1_000_000;

const threads = ['piscina', 'piscina, default', 'poolifier', 'tinypool', 'workerpool', 'jest-worker'];
const moving = ['piscina', 'piscina, default', 'tinypool', 'workerpool'];
const posted = ['bare, 1 worker', 'bare, 2 workers'];
const processes = ['poolifier', 'jest-worker', 'workerpool', 'tinypool'];

const throughput = { name: 'throughput', title: '64 in flight' };
const latency = { name: 'latency', title: 'one by one', figure: ({ p50 }) => p50 };
const copied = { name: 'copied', title: '1 MB copied', size: MEGABYTE };

/** `file` runs one library and one case; `bare` are the pairs written by hand, the last one the strongest. */
export const kinds = {
  thread: {
    title: 'threads',
    file: 'threads.mjs',
    peers: threads,
    bare: [...posted, 'bare, 2 waiting'],
    cases: [
      throughput,
      latency,
      copied,
      { name: 'moved', title: '1 MB moved', size: MEGABYTE, movers: moving },
      { name: 'moved-64', title: '64 MB moved', size: 64 * MEGABYTE, movers: moving },
    ],
  },
  process: {
    title: 'processes',
    file: 'processes.mjs',
    peers: processes,
    bare: ['bare, 2 processes'],
    cases: [throughput, latency, copied],
  },
};

/** The last case: it takes a process for each sample, and so no round of a race. */
export const first = { name: 'first', title: 'first result' };

export const everyone = ({ peers, bare }) => [ours, ...peers, ...bare];
export const contestants = ({ peers, bare }, { movers }) => [ours, ...(movers ?? peers), ...bare];
