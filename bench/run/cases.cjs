/** What is awaited: each makes the work anew, so every library pays for the same promise. */
const { stat } = require('node:fs/promises');

async function oneMicrotask(value) {
  await null;
  return value;
}

module.exports = {
  settled: (i) => Promise.resolve(i),
  microtask: (i) => oneMicrotask(i),
  immediate: (i) => new Promise((resolve) => setImmediate(resolve, i)),
  timer: (i) => new Promise((resolve) => setTimeout(resolve, 1, i)),
  stat: () => stat(__filename),
};
