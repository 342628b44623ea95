// Calls inside calls: a task that waits for its host lends its worker's place to the calls of the same pool that are made there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import * as host from './host.mjs';
import { codeOf, limit, poolFor, until, words } from './kit.mjs';

function poolOf(scope, options) {
  const pool = poolFor(scope, options);
  host.setPool(pool);
  scope.after(() => host.setPool(undefined));
  return pool;
}

/** What ends when it is told to. */
function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const works = async (pool) => assert.equal(await pool.run(t.add, 1, 2), 3);

for (const kind of ['thread', 'process']) {
  test(`a pool of one ${kind}: callbacks and sources that call it`, limit, async (scope) => {
    const pool = poolOf(scope, { kind, size: 1 });
    assert.equal(await pool.run(f.callOnce, () => pool.run(t.add, 1, 2)), 3);
    assert.deepEqual(await pool.run(f.callTwice, (n) => pool.run(t.add, n, 1)), [2, 3]);
    const source = async function* () {
      for (let i = 0; i < 3; i++) yield pool.run(t.add, i, 1);
    };
    assert.equal(await pool.run(f.sumUp, source()), 6);
    assert.equal(await pool.run(f.callOnce, () => pool.run(f.sumUp, source())), 6);
    const all = async () => Promise.all(Array.from({ length: 50 }, (_, i) => pool.run(t.add, i, 1)));
    assert.equal((await pool.run(f.callOnce, all)).length, 50);
    const listed = async () => {
      const seen = [];
      for await (const n of pool.each(f.numbers, 5)) seen.push(n);
      return seen;
    };
    assert.deepEqual(await pool.run(f.callOnce, listed), [0, 1, 2, 3, 4]);
    assert.ok(pool.stats().started <= 4, `${pool.stats().started} were started`);
    await until(() => pool.stats().workers.length <= 1);
    await works(pool);
  });

  test(`${kind}: a call inside a call is the next one`, limit, async (scope) => {
    const pool = poolOf(scope, { kind, size: 1 });
    // Short ones, so that processes are sent some ahead.
    for (let i = 0; i < 100; i++) await works(pool);
    const [begun, go] = [gate(), gate()];
    const order = [];
    const noted = (what, promise) => promise.then(() => order.push(what));
    const inside = async () => {
      begun.open();
      await go.opened;
      await noted('first', pool.run(t.add, 1, 2));
      await Promise.all([noted('second', pool.run(t.add, 1, 2)), noted('third', pool.run(t.add, 1, 2))]);
    };
    const outer = noted('outer', pool.run(f.callOnce, inside));
    await begun.opened;
    const others = Array.from({ length: 300 }, () => noted('other', pool.run(t.add, 1, 2)));
    go.open();
    await Promise.all([outer, ...others]);
    assert.deepEqual(order.slice(0, 5), ['first', 'second', 'third', 'outer', 'other']);
    assert.equal(order.length, 304);
  });

  test(`${kind}: ten calls inside one another, by either way`, limit, async (scope) => {
    const pool = poolOf(scope, { kind, size: 1 });
    const down = (n) => (n === 0 ? 0 : pool.run(f.callOnce, async () => 1 + (await down(n - 1))));
    assert.equal(await down(10), 10);
    assert.equal(await pool.run(f.asksDown, 10), 10);
    await until(() => pool.stats().workers.length <= 1);
    await works(pool);
  });
}

test(
  'many that call inside themselves among many others: no more are at work than there are places',
  limit,
  async (scope) => {
    const pool = poolOf(scope, { size: 2 });
    const gauge = words();
    let most = 0;
    const inside = async () => {
      await pool.run(f.overlaps, gauge.memory);
      most = Math.max(most, pool.stats().workers.length);
    };
    const all = [];
    for (let i = 0; i < 20; i++) {
      all.push(pool.run(f.asksOverlaps, gauge.memory), pool.run(f.callOnce, inside));
      for (let k = 0; k < 10; k++) all.push(pool.run(f.overlaps, gauge.memory));
    }
    await Promise.all(all);
    assert.equal(gauge.read(1), 2, 'the most at work at once');
    assert.ok(most <= 4, `${most} workers at once`);
    await until(() => pool.stats().workers.length <= 2);
    const { started } = pool.stats();
    assert.ok(started <= 12, `${started} workers were started`);
    assert.equal(
      (await Promise.all(Array.from({ length: 500 }, (_, i) => pool.run(t.add, i, 1)))).length,
      500,
    );
  },
);

test('a sleeping worker’s place is not for others', limit, async (scope) => {
  const pool = poolOf(scope, { size: 1 });
  for (const fn of [f.callOnce, f.asksGate]) {
    const [begun, end] = [gate(), gate()];
    let isOpen = false;
    const inside = () => {
      begun.open();
      return end.opened;
    };
    host.setGate(inside);
    const outer = pool.run(fn, inside);
    await begun.opened;
    const others = Array.from({ length: 20 }, () => pool.run(t.add, 1, 2).then(() => assert.ok(isOpen)));
    // Nothing may come in that time; what comes later is seen by the number of workers.
    setTimeout(() => {
      isOpen = true;
      end.open();
    }, 50);
    await Promise.all([outer, ...others]);
    assert.equal(pool.stats().started, 1);
  }
});

test('a call inside a call goes before a priority', limit, async (scope) => {
  const pool = poolOf(scope, { size: 1 });
  const [begun, go] = [gate(), gate()];
  const order = [];
  const outer = pool.run(f.callOnce, async () => {
    begun.open();
    await go.opened;
    order.push(await pool.run(f.sum, 1));
  });
  await begun.opened;
  const urgent = pool.with({ priority: 9 });
  const others = [2, 3, 4].map((n) => urgent.run(f.sum, n).then((value) => order.push(value)));
  go.open();
  await Promise.all([outer, ...others]);
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test(
  'a call inside a call waits for a place that its own caller has, whatever the queue may hold',
  limit,
  async (scope) => {
    const pool = poolOf(scope, { size: 1, queue: 0 });
    assert.equal(await pool.run(f.callOnce, () => pool.run(t.add, 1, 2)), 3);
    const two = () => Promise.all([pool.run(t.add, 1, 2), codeOf(pool.run(t.add, 1, 2))]);
    assert.deepEqual(await pool.run(f.callOnce, two), [3, 'ERR_ISTHMUS_QUEUE_FULL']);
  },
);

test(
  'who is in a lent place when the lender goes on, and a lender that waits for it later',
  limit,
  async (scope) => {
    const pool = poolOf(scope, { size: 1 });
    const [inner, outer] = [words(), words()];
    let left;
    const lender = pool.run(f.callThenWait, outer.memory, () => {
      left = pool.run(f.untilFree, inner.memory);
      return inner.reaches(1);
    });
    await outer.reaches(1);
    let isOver = false;
    const next = pool.run(f.where).then(() => assert.ok(isOver));
    outer.set(0);
    await lender;
    isOver = true;
    inner.set(0);
    await Promise.all([left, next]);
    let second;
    const later = (n) => {
      second ??= new Promise((resolve) => setImmediate(() => resolve(pool.run(t.add, 1, 2))));
      return n === 1 ? undefined : second;
    };
    assert.deepEqual(await pool.run(f.callTwice, later), [undefined, 3]);
    await until(() => pool.stats().workers.length <= 1);
  },
);

test('a lender that is given up, or ended', limit, async (scope) => {
  const pool = poolOf(scope, { size: 1 });
  for (const grace of [0, 1000]) {
    const inner = words();
    const abort = new AbortController();
    let guest;
    const lender = codeOf(
      pool.with({ signal: abort.signal, grace }).run(f.callOnce, () => {
        guest = pool.run(f.untilFree, inner.memory, 0, 'guest');
        return guest;
      }),
    );
    await inner.reaches(1);
    abort.abort('left');
    assert.equal(await lender, 'left');
    const next = pool.run(t.add, 1, 2);
    inner.set(0);
    assert.deepEqual(await Promise.all([guest, next]), ['guest', 3]);
  }
  await until(() => pool.stats().workers.length <= 1);
});

test('two pools that call each other', limit, async (scope) => {
  const [one, other] = [poolOf(scope, { size: 1 }), poolOf(scope, { size: 1 })];
  const inside = (n) =>
    n === 0 ? 0 : (n % 2 === 0 ? one : other).run(f.callOnce, async () => 1 + (await inside(n - 1)));
  assert.equal(await inside(6), 6);
  await works(one);
  await works(other);
});

test('64 are lent, and no more: a named error, and all go on', { timeout: 120_000 }, async () => {
  const pool = createPool({ size: 1 });
  host.setPool(pool);
  try {
    assert.equal(await pool.run(f.asksDown, 64), 64);
    assert.equal(await codeOf(pool.run(f.asksDown, 65)), 'ERR_ISTHMUS_TOO_DEEP');
    const down = (n) => (n === 0 ? 0 : pool.run(f.callOnce, async () => 1 + (await down(n - 1))));
    assert.equal(await down(64), 64);
    assert.equal(await codeOf(down(70)), 'ERR_ISTHMUS_TOO_DEEP');
    await works(pool);
    await until(() => pool.stats().workers.length <= 1);
    await works(pool);
  } finally {
    host.setPool(undefined);
    await pool.destroy();
  }
});
