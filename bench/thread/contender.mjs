/**
 * One library and one case in a process of their own: node contender.mjs <library> <case>
 * The parent is heard through a blocking read: a byte in, one round, its nanoseconds per call out.
 */
import { readSync, writeSync } from 'node:fs';
import { callers } from './callers.mjs';

const ROUND = 100; // ms
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

function measure(work, count) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) work(i);
  return Number(process.hrtime.bigint() - started) / count;
}

if (name === 'first') {
  call(1);
  tell((performance.now() - began) * 1e6);
} else {
  const work = cases[name]();
  let count = 4;
  let ns = 0;
  for (let spent = 0; spent < 3 * ROUND; ) {
    ns = measure(work, count);
    spent += (ns * count) / 1e6;
    count = Math.max(4, Math.ceil((ROUND * 1e6) / ns));
  }
  const divisor = name === 'callback' ? CALLBACKS : 1;
  tell(0);
  while (hear()) tell(measure(work, count) / divisor);
}
process.exit();
