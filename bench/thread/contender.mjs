/**
 * One library and one case in a process of their own: node contender.mjs <library> <case>
 * The parent is heard through a blocking read: a byte in, one round, its nanoseconds per call out.
 */
import { readSync, writeSync } from 'node:fs';
import { callers } from './callers.mjs';

const ROUND = 100; // ms
/** Calls between two looks at the clock. */
const AT_ONCE = 8;
const [library, name] = process.argv.slice(2);
const tell = (value) => writeSync(1, `${value}\n`);

const object = {
  id: 12_345,
  text: 'x'.repeat(300),
  list: Array.from({ length: 12 }, (_, i) => ({ i, name: `item ${i}`, ok: i % 2 === 0 })),
};
const megabyte = () => new Uint8Array(1_000_000);
const CALLBACKS = 10;

const began = performance.now();
const { call, transfer, callback } = await callers[library]();
const cases = {
  number: () => (i) => call(i),
  object: () => () => call(object),
  copied: () => {
    const bytes = megabyte();
    return () => call(bytes);
  },
  transferred: () => {
    let bytes = megabyte();
    return () => {
      bytes = transfer(bytes);
    };
  },
  callback: () => () => callback(CALLBACKS, (i) => i),
};

/** Some libraries' workers leave the input without waiting. */
function hear() {
  const byte = Buffer.alloc(1);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return readSync(0, byte, 0, 1, null) === 1;
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(nap, 0, 0, 2);
    }
  }
}

/** Nanoseconds of a call, over so many ms of them. */
function measure(work, ms) {
  const started = process.hrtime.bigint();
  const end = started + BigInt(ms * 1e6);
  for (let count = 0; ; ) {
    for (let i = 0; i < AT_ONCE; i++) work(count++);
    const now = process.hrtime.bigint();
    if (now >= end) return Number(now - started) / count;
  }
}

if (name === 'first') {
  call(1);
  tell((performance.now() - began) * 1e6);
} else {
  const work = cases[name]();
  measure(work, 5 * ROUND);
  const divisor = name === 'callback' ? CALLBACKS : 1;
  tell(0);
  while (hear()) tell(measure(work, ROUND) / divisor);
}
process.exit();
