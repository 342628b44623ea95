/**
 * One library and one case in a process of their own: node contender.cjs <library> <case>
 *
 * Everything is called from the main script of a CommonJS file, because that is where all the libraries work. So the
 * parent is heard through a blocking read: a line in, one round, its nanoseconds per call out.
 */
const { readSync, writeSync } = require('node:fs');
const cases = require('./cases.cjs');

const ROUND = 100; // ms
const [library, name] = process.argv.slice(2);
const make = cases[name];

const loaders = {
  isthmus() {
    return require('../../dist/index.js').run;
  },
  '@kaciras/deasync'() {
    return require('@kaciras/deasync').awaitSync;
  },
  deasync() {
    const { loopWhile } = require('deasync');
    // It knows only callbacks. This is the least that gives it promises.
    return (promise) => {
      let state = 0;
      let value;
      promise.then(
        (result) => {
          value = result;
          state = 1;
        },
        (reason) => {
          value = reason;
          state = 2;
        },
      );
      loopWhile(() => state === 0);
      if (state === 2) throw value;
      return value;
    };
  },
};

function measure(wait, count) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) wait(make(i));
  return Number(process.hrtime.bigint() - started) / count;
}

async function measureAwait(count) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < count; i++) await make(i);
  return Number(process.hrtime.bigint() - started) / count;
}

/** How many calls make a round, after enough of them to have compiled the code. */
function* sizes() {
  let count = 8;
  for (let spent = 0; spent < 4 * ROUND; ) {
    const ns = yield count;
    spent += (ns * count) / 1e6;
    count = Math.max(8, Math.ceil((ROUND * 1e6) / ns));
  }
  return count;
}

function hear() {
  const byte = Buffer.alloc(1);
  return readSync(0, byte, 0, 1, null) === 1;
}

const tell = (ns) => writeSync(1, `${ns}\n`);

function main(wait) {
  const warmUp = sizes();
  let step = warmUp.next();
  while (!step.done) step = warmUp.next(measure(wait, step.value));
  tell(0);
  while (hear()) tell(measure(wait, step.value));
}

async function mainAwait() {
  const warmUp = sizes();
  let step = warmUp.next();
  while (!step.done) step = warmUp.next(await measureAwait(step.value));
  tell(0);
  while (hear()) tell(await measureAwait(step.value));
}

if (library === 'await') mainAwait();
else main(loaders[library]());
