/** What is measured of a library, a round at a time. A wrong answer throws. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WRONG } from './cases.mjs';

const TASKS = 20_000;
const IN_FLIGHT = 64;
const SAMPLES = 3000;
const ROUND = 150; // ms
/** What a task adds to its number. */
const ONE = 1;
const now = () => process.hrtime.bigint();

/** A sum that was asked for with `i`. */
async function checked(sum, i) {
  const value = await sum;
  if (value !== i + ONE) throw new Error(`${WRONG}: ${i} + ${ONE} is ${value}`);
}

/** Nanoseconds of a task, with so many in flight at any time. */
export async function throughput({ add }) {
  let next = 0;
  const lane = async () => {
    while (next < TASKS) {
      const i = next++;
      await checked(add(i, ONE), i);
    }
  };
  const began = now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return Number(now() - began) / TASKS;
}

/** Nanoseconds of a task that is awaited before the next one. */
export async function latency({ add }) {
  const samples = [];
  for (let i = 0; i < SAMPLES; i++) {
    const began = now();
    await checked(add(i, ONE), i);
    samples.push(Number(now() - began));
  }
  samples.sort((a, b) => a - b);
  const at = (part) => samples[Math.floor(samples.length * part)];
  return { p50: at(0.5), p99: at(0.99) };
}

/** Marks both ends, so that the answer to another call is told apart from that to this one. */
function mark(bytes, count) {
  bytes[0] = count & 255;
  bytes[bytes.length - 1] = (count >> 8) & 255;
}

function checkBytes(bytes, size, count) {
  if (!(bytes instanceof Uint8Array)) throw new Error(`${WRONG}: bytes came back as ${typeof bytes}`);
  if (bytes.length !== size || bytes[0] !== (count & 255) || bytes[size - 1] !== ((count >> 8) & 255))
    throw new Error(`${WRONG}: other bytes came back`);
}

async function repeat(work) {
  const began = now();
  const end = began + BigInt(ROUND * 1e6);
  for (let count = 0; ; ) {
    await work(count++);
    const at = now();
    if (at >= end) return Number(at - began) / count;
  }
}

/** Nanoseconds of a call that bytes go to and come back from as copies. */
export function copied({ echo }, size) {
  const bytes = new Uint8Array(size);
  return () =>
    repeat(async (count) => {
      mark(bytes, count);
      checkBytes(await echo(bytes), size, count);
    });
}

/** The same bytes again and again, moved there and back. */
export function moved({ move }, size) {
  let bytes = new Uint8Array(size);
  return () =>
    repeat(async (count) => {
      mark(bytes, count);
      const given = bytes;
      bytes = await move(given);
      if (given.length !== 0) throw new Error(`${WRONG}: bytes that were moved are still here`);
      checkBytes(bytes, size, count);
    });
}

/** So many tasks at once, and the nanoseconds of each. */
export async function burst({ add }, tasks) {
  const began = now();
  const promises = [];
  for (let i = 0; i < tasks; i++) promises.push(add(i, ONE));
  for (let i = 0; i < tasks; i++) await checked(promises[i], i);
  return Number(now() - began) / tasks;
}

/** The bytes that one of so many queued tasks takes, before any of them is answered. */
export function weight({ add }, tasks) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const promises = [];
  collect();
  const before = process.memoryUsage();
  for (let i = 0; i < tasks; i++) promises.push(add(i, ONE));
  const { rss } = process.memoryUsage();
  collect();
  const { heapUsed } = process.memoryUsage();
  for (const promise of promises) promise.then(undefined, () => {});
  return { heap: (heapUsed - before.heapUsed) / tasks, rss: (rss - before.rss) / tasks };
}
