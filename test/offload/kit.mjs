// What the tests of this room share.
import { createPool } from 'isthmus';

export const limit = { timeout: 60_000 };

/** What a promise is rejected with, as { thrown }; or its value, as { value }. */
export const outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    (thrown) => ({ thrown }),
  );

export async function codeOf(promise) {
  const { value, thrown } = await outcome(promise);
  return thrown === undefined ? { value } : (thrown?.code ?? thrown);
}

/** Words that a thread can tell this one by, which waits for them while its loop goes on. */
export function words(count = 4) {
  const memory = new SharedArrayBuffer(count * 4);
  const shared = new Int32Array(memory);
  return {
    memory,
    read: (at) => Atomics.load(shared, at),
    set(at, value = 1) {
      Atomics.store(shared, at, value);
      Atomics.notify(shared, at);
    },
    async reaches(at, value = 1) {
      while (Atomics.load(shared, at) < value) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

/** Until it holds; the test's own time limit is the end of it. */
export async function until(holds) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A pool for one test. */
export function poolFor(scope, options) {
  const pool = createPool(options);
  scope.after(() => pool.destroy());
  return pool;
}
