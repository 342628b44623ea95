// Row c: Node's one timer is not armed while its callback runs; and its heap of lists must survive nested use.
import assert from 'node:assert/strict';
import { calm, firstOf, sleep, within } from '../kit.mjs';

export async function olderTimer(run) {
  const older = sleep(100, 'older');
  await within(
    (callback) => setTimeout(callback, 1),
    () => {
      assert.equal(run(older), 'older');
      calm(run);
    },
  );
}

export async function sameList(run) {
  let later;
  await within(
    (callback) => {
      setTimeout(callback, 10);
      later = sleep(10, 'same list');
    },
    () => assert.equal(run(later), 'same list'),
  );
}

export async function interval(run) {
  const { first, done } = firstOf(() => calm(run));
  const handle = setInterval(first, 5);
  await done;
  clearInterval(handle);
}

// Lateness is measured in turns: each timer that fires reads how many others, due well before it, have not fired.
export async function orderAfterNestedUse(run) {
  const lists = [1, 2, 3, 5, 8, 13, 21, 34, 55];
  let seed = 12_345;
  const random = (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  const pending = new Set();
  const order = new Map(lists.map((ms) => [ms, []]));
  const overtaken = [];
  let depth = 0;
  const promises = Array.from({ length: 400 }, (_, id) => {
    const ms = lists[random(lists.length)];
    const entry = { id, ms, due: performance.now() + ms };
    pending.add(entry);
    return new Promise((resolve) => {
      setTimeout(() => {
        pending.delete(entry);
        order.get(ms).push(id);
        // A list's own order holds; another list's timers may be overtaken by as much as a callback blocked, not more.
        for (const other of pending) if (other.ms === ms && other.id < id) overtaken.push([other.id, id]);
        if (depth < 20 && random(3) === 0) {
          depth++;
          run(random(2) ? sleep(lists[random(lists.length)]) : new Promise((next) => setImmediate(next)));
          depth--;
        }
        resolve();
      }, ms);
    });
  });
  await Promise.all(promises);
  assert.deepEqual(overtaken, []);
  for (const ids of order.values())
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
}

// A timer that is due must fire in the next turns, however the frames below have left the heap.
export async function noneIsForgotten(run) {
  for (let round = 0; round < 30; round++) {
    const fired = [];
    const lists = [3, 1, 2, 7, 4];
    await within(
      (callback) => setTimeout(callback, 1),
      () => {
        const all = lists.map((ms) => sleep(ms).then(() => fired.push(ms)));
        run(sleep(2));
        setTimeout(() => run(sleep(1)), 1);
        run(Promise.all(all));
      },
    );
    const late = sleep(8).then(() => 'late');
    let turns = 0;
    const counter = setInterval(() => turns++, 1);
    const fresh = sleep(4).then(() => 'fresh');
    assert.equal(await Promise.race([late, fresh]), 'fresh');
    clearInterval(counter);
    assert.equal(fired.length, lists.length);
    await late;
  }
}
