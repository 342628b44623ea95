// What the soak of pools runs. Each notes first, at its own place of the shared words, that it has begun.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { checkCancelled } from 'isthmus';

export function heapUsed() {
  globalThis.gc();
  return getHeapStatistics().used_heap_size;
}

/** A process shares no memory: there it is a file, of a byte for each task. */
const note = (begun, id) => {
  if (typeof begun !== 'string') return Atomics.add(new Int32Array(begun), id, 1);
  const file = openSync(begun, 'r+');
  const times = new Uint8Array(1);
  readSync(file, times, 0, 1, id);
  times[0]++;
  writeSync(file, times, 0, 1, id);
  closeSync(file);
};
const digest = (value) => createHash('sha256').update(JSON.stringify(value)).digest('hex');

export function sync(begun, id, value) {
  note(begun, id);
  return [id, digest(value)];
}
export async function later(begun, id, value) {
  note(begun, id);
  await sleep(id % 3);
  return [id, digest(value)];
}
export function bytes(begun, id, value) {
  note(begun, id);
  return value;
}
export function fails(begun, id) {
  note(begun, id);
  throw Object.assign(new RangeError(`failed ${id}`), { id });
}
export function uncloneable(begun, id) {
  note(begun, id);
  return { id: () => id };
}
export function exits(begun, id) {
  note(begun, id);
  process.exit(id % 256);
}
export function crashes(begun, id) {
  note(begun, id);
  setTimeout(() => {
    throw new Error(`stray ${id}`);
  });
  return new Promise(() => {});
}
export function outOfMemory(begun, id) {
  note(begun, id);
  const held = [];
  for (;;) held.push(new Array(100_000).fill(held.length + 0.5));
}
export function looks(begun, id) {
  note(begun, id);
  for (;;) checkCancelled();
}
export function deaf(begun, id) {
  note(begun, id);
  for (;;);
}
export async function callsBack(begun, id, callback) {
  note(begun, id);
  return [id, (await callback(id)) + (await callback(id + 1))];
}
export const twice = (n) => n * 2;
export function* counts(begun, id, n) {
  note(begun, id);
  for (let i = 0; i < n; i++) yield id + i;
}

export function killed(begun, id) {
  note(begun, id);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}
