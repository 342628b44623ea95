// What the tests of this room run in a pool's processes, beside the functions of its threads.
import { appendFileSync, closeSync, existsSync, writeFileSync, writeSync } from 'node:fs';
import { checkCancelled, currentSignal, fromThread, toProcess, transfer } from 'isthmus';
import { Money } from '../thread/reference-functions.mjs';
import * as host from './host.mjs';

export const pid = () => process.pid;
export const facts = () => ({ argv: process.argv.length, flags: process.execArgv, title: process.title });

/** Blocks its process until the file is there; tells by another that it runs. */
export function untilThere(file, begun, value) {
  writeFileSync(begun, String(process.pid));
  while (!existsSync(file)) for (let i = 0; i < 10_000; i++);
  return value;
}

/** A sync loop that looks; tells by files that it runs, and that it has ended. */
export function untilCancelled(begun, ended) {
  writeFileSync(begun, '');
  try {
    for (;;) checkCancelled();
  } finally {
    writeFileSync(ended, '');
  }
}

export function deaf(begun) {
  writeFileSync(begun, String(process.pid));
  for (;;);
}

export async function untilSignal(begun) {
  const signal = currentSignal();
  writeFileSync(begun, '');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  throw signal.reason;
}

export function noted(file, what) {
  appendFileSync(file, `${what}\n`);
  return what;
}

/** Notes it, and is busy for as long as that takes. */
export function notedFor(file, what, ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return noted(file, what);
}

export const killed = (signal) => {
  process.kill(process.pid, signal);
  for (;;);
};

export function allocate(mb) {
  const kept = [];
  for (let i = 0; i < mb; i++) kept.push(new Array(131_072).fill(i));
  return kept.length;
}

export const waitsForGate = async (gate, value) => {
  await gate();
  return value;
};
export const nested = async (n) => (await toProcess(pid)) !== process.pid && n;
export const asks = (n) => [process.pid, fromThread.run(host.answer, n)];
export const moves = (bytes) => transfer(bytes);
export const shares = () => ({ at: [new SharedArrayBuffer(8)] });
let ticks = 0;
export const tick = () => {
  setInterval(() => ticks++, 1).unref();
};
export const ticked = () => ticks;
export function* endless(file) {
  try {
    for (let i = 0; ; i++) yield i;
  } finally {
    noted(file, 'closed');
  }
}

export const isMoneyHere = ([value]) => value instanceof Money && String(value);

/** Is over, and leaves its thread busy. */
export function leaves(what) {
  setImmediate(() => {
    const end = performance.now() + (what === 'for a while' ? 2500 : Number.POSITIVE_INFINITY);
    if (what !== 'microtasks') while (performance.now() < end);
    const again = () => void Promise.resolve().then(again);
    if (what === 'microtasks') again();
  });
  return what;
}

export function breaks(what) {
  if (what === 'text') writeSync(4, 'this is no frame, but a text that somebody writes into a descriptor');
  else closeSync(what);
  return what;
}
