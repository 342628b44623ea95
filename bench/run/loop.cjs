/**
 * What the package costs a loop that does not call it: node loop.cjs none|import|ran|immediate
 *
 * A line in, one round, a line out. It is heard through a blocking read, so that the loop holds nothing else.
 */
const { readSync, writeSync } = require('node:fs');

const ITERATIONS = 100_000;
const TIMERS = 100;
const mode = process.argv[2];

function hear() {
  return readSync(0, Buffer.alloc(1), 0, 1, null) === 1;
}

/** ns for an iteration of a loop that only runs an immediate. */
function immediates() {
  return new Promise((resolve) => {
    const started = process.hrtime.bigint();
    let left = ITERATIONS;
    const next = () => {
      if (--left > 0) setImmediate(next);
      else resolve(Number(process.hrtime.bigint() - started) / ITERATIONS);
    };
    setImmediate(next);
  });
}

/** CPU ns for an iteration that fires a 1 ms timer: nearly all of its time is idle. */
function timers() {
  return new Promise((resolve) => {
    const before = process.cpuUsage();
    let left = TIMERS;
    const next = () => {
      if (--left > 0) setTimeout(next, 1);
      else {
        const { user, system } = process.cpuUsage(before);
        resolve(((user + system) * 1000) / TIMERS);
      }
    };
    setTimeout(next, 1);
  });
}

async function main() {
  if (mode !== 'none') {
    const { run } = require('../../dist/index.js');
    const one = () => new Promise((resolve) => setImmediate(resolve));
    if (mode === 'ran') run(one());
    if (mode === 'immediate') {
      await new Promise((resolve) => {
        setImmediate(() => resolve(run(one())));
      });
    }
  }
  await immediates();
  writeSync(1, '0\n');
  while (hear()) {
    writeSync(1, `${JSON.stringify({ immediate: await immediates(), timer: await timers() })}\n`);
  }
}

main();
