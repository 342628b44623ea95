// What the threads of a pool ask their host for. Its state is the host's.
import { setTimeout as later } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { toThread } from 'isthmus';
import { requestId } from '../thread/reference-functions.mjs';

export const answer = async (n) => {
  await later(1);
  return [threadId, n + 1];
};
let count = 0;
export const next = () => ++count;
export const counted = () => count;
export const fails = async (kind) => {
  if (kind === 'symbol') return Symbol('x');
  throw new RangeError('from the host');
};
let pool;
export const setPool = (given) => {
  pool = given;
};
export const usesPool = async (n) => {
  const { sum } = await import('./functions.mjs');
  return (pool?.run ?? toThread)(sum, n, 1);
};
export const overlapsInPool = async (memory) => {
  const { overlaps } = await import('./functions.mjs');
  return pool.run(overlaps, memory);
};
export const goesDown = async (n) => {
  const { asksDown } = await import('./functions.mjs');
  return pool.run(asksDown, n);
};
let gate;
export const setGate = (given) => {
  gate = given;
};
export const gated = () => gate();
export const never = () => later(60_000, undefined, { ref: false });
export const who = async () => {
  await null;
  return requestId.getStore();
};
