/** What a call costs that stands on others: ns and bytes of stack for each level, when `depth` calls are nested. */
const { stat, writeSync } = require('node:fs');
const { run } = require('../../dist/index.js');
// The same instance that the package has loaded; only it knows the native stack.
const pump = require('../../native/build/pump.node');

const depths = [1, 10, 100, 300];
const ROUNDS = 15;
let rooms = [];

/** What it throws goes down level by level, as a rejection. */
function again(nest, depth) {
  try {
    return nest(depth - 1);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Each level drains microtasks and turns no loop. */
function byMicrotask(depth) {
  rooms.push(pump.room());
  if (depth === 0) return;
  run(
    (async () => {
      await null;
      byMicrotask(depth - 1);
    })(),
  );
}

/** Each level stands in an immediate of the batch below. */
function byImmediate(depth) {
  rooms.push(pump.room());
  if (depth === 0) return;
  run(
    new Promise((resolve) => {
      setImmediate(() => resolve(again(byImmediate, depth)));
    }),
  );
}

/** Each level turns libuv's loop, and stands in a callback of the turn below. */
function byTurn(depth) {
  rooms.push(pump.room());
  if (depth === 0) return;
  run(
    new Promise((resolve) => {
      stat(__filename, () => resolve(again(byTurn, depth)));
    }),
  );
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function measure(nest, depth) {
  const ns = [];
  const repeat = Math.ceil(600 / depth);
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < repeat; i++) {
      rooms = [];
      nest(depth);
    }
    ns.push(Number(process.hrtime.bigint() - started) / repeat / depth);
  }
  return { depth, ns: median(ns), bytes: (rooms[0] - rooms[depth]) / depth };
}

function measureOrSay(nest, depth) {
  try {
    return measure(nest, depth);
  } catch (error) {
    return { depth, refused: error.code ?? String(error) };
  }
}

const result = {};
for (const [name, nest] of Object.entries({ microtask: byMicrotask, immediate: byImmediate, turn: byTurn })) {
  measureOrSay(nest, 300); // the stack is measured by the first call that stands deep
  result[name] = depths.map((depth) => measureOrSay(nest, depth));
}
writeSync(1, `${JSON.stringify(result)}\n`);
