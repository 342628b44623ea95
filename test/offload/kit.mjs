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
    reaches: (at, value = 1) =>
      until(
        () => Atomics.load(shared, at) >= value,
        () => `word ${at} is ${Atomics.load(shared, at)}, not ${value}`,
      ),
  };
}

/** Until it holds. It says what did not before the test's own time limit ends it. */
export async function until(holds, why = () => `not so: ${holds}`) {
  const end = performance.now() + limit.timeout - 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(why());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A pool for one test. */
export function poolFor(scope, options) {
  const pool = createPool(options);
  scope.after(() => pool.destroy());
  return pool;
}
