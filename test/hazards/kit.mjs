// What the scenarios share. A scenario is given `run`, so that it can be run against another pump as well.
import assert from 'node:assert/strict';

export const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

/** Blocks the thread, so that what completes meanwhile is delivered in one batch. */
export function block(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Calls `start(done)`, whose callback calls `inside` where the hazard is; resolves to what `inside` returned. */
export function within(start, inside) {
  return new Promise((resolve, reject) => {
    start(() => {
      try {
        resolve(inside());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** A function that calls `inside` on its first call only; `done` settles with what it returned or threw. */
export function firstOf(inside) {
  let called = false;
  const { promise, resolve, reject } = withResolvers();
  const first = (...args) => {
    if (called) return;
    called = true;
    try {
      resolve(inside(...args));
    } catch (error) {
      reject(error);
    }
  };
  return { first, done: promise };
}

export function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

const WAIT = 300;

function meter() {
  const cpu = process.cpuUsage();
  const began = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const ms = performance.now() - began;
    assert.ok(ms >= WAIT - 2, `a wait of ${WAIT} ms took ${ms}`);
    const busy = (user + system) / 1000;
    assert.ok(
      busy < WAIT / 2,
      `it used ${busy.toFixed()} ms of processor time in a wait of ${ms.toFixed()} ms`,
    );
  };
}

/** A wait in which nothing happens must not keep the processor busy. */
export function calm(run) {
  const check = meter();
  run(sleep(WAIT));
  check();
}

/** Nor may the bare loop be busy afterwards. */
export async function calmOutside() {
  const check = meter();
  await sleep(WAIT);
  check();
}

/** Garbage is collected (where --expose-gc is given) and the allocator overwrites what was freed. */
export function churn(run) {
  globalThis.gc?.();
  run(sleep(1));
  run(new Promise((resolve) => setImmediate(resolve)));
  globalThis.gc?.();
}

/** What came in one system call with what is being handled: it may have to wait for the caller, but never for ever. */
export function rightOrLate(run, promise) {
  try {
    run(promise, { timeout: WAIT });
  } catch (error) {
    assert.equal(error.code, 'ERR_ISTHMUS_TIMEOUT');
  }
}
