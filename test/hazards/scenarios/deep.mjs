// Row l: nested too deep, the stack would be overrun; refused early by name, and sound afterwards.
import assert from 'node:assert/strict';
import { calm } from '../kit.mjs';

const starts = {
  timer: (callback) => setTimeout(callback, 0),
  immediate: (callback) => setImmediate(callback),
  microtask: (callback) => queueMicrotask(callback),
};

/** What had been started when the deepest call was refused goes on by itself; then it must not descend again. */
let refused = false;

function descend(run, start, level) {
  if (level === 5000) assert.fail('never refused');
  return run(
    new Promise((resolve, reject) => {
      start(() => {
        if (refused) return resolve(level);
        try {
          resolve(descend(run, start, level + 1));
        } catch (error) {
          refused = error.code === 'ERR_ISTHMUS_TOO_DEEP';
          if (refused) resolve(level);
          else reject(error);
        }
      });
    }),
  );
}

async function refusedAndSound(run, start) {
  refused = false;
  const level = descend(run, start, 0);
  assert.ok(level >= 100, `refused at level ${level}`);
  assert.equal(run(Promise.resolve('sound')), 'sound');
  calm(run);
}

export const timers = (run) => refusedAndSound(run, starts.timer);
export const immediates = (run) => refusedAndSound(run, starts.immediate);
export const microtasks = (run) => refusedAndSound(run, starts.microtask);
