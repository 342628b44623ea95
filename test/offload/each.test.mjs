// The end of an iteration, in all its ways: nothing that was read ahead comes after it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createPool, PoolClosedError, TimeoutError } from 'isthmus';
import * as f from './functions.mjs';
import { limit, outcome, poolFor, until } from './kit.mjs';

const OVER = { done: true, value: undefined };

for (const kind of ['thread', 'process']) {
  test(`${kind}: after return() it is over, whatever was read ahead`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    const iterator = pool.each(f.numbers, 1e6);
    assert.deepEqual(await iterator.next(), { done: false, value: 0 });
    // Whoever has asked before is given a value, and whoever asks afterwards is not.
    const asked = [iterator.next(), iterator.next()];
    const left = iterator.return('R');
    const late = iterator.next();
    assert.deepEqual(await left, { done: true, value: 'R' });
    assert.deepEqual(await Promise.all(asked), [
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    assert.deepEqual(await late, OVER);
    assert.deepEqual(await iterator.next(), OVER);
    assert.deepEqual(await iterator.return('again'), { done: true, value: 'again' });
    // Its worker is free.
    assert.equal(await pool.run(f.sum, 1, 2), 3);
  });

  test(
    `${kind}: one that is left while its function is being loaded is over as well`,
    limit,
    async (scope) => {
      const folder = mkdtempSync(join(tmpdir(), 'isthmus-each-'));
      scope.after(() => rmSync(folder, { recursive: true }));
      const pool = poolFor(scope, { kind, size: 1 });
      const [begun, go] = [join(folder, 'begun'), join(folder, 'go')];
      const module = new URL(`loads-slowly.mjs?${new URLSearchParams({ begun, go })}`, import.meta.url).href;
      const iterator = pool.each({ module, name: 'forever' });
      const asked = iterator.next();
      await until(() => existsSync(begun));
      const left = iterator.return();
      writeFileSync(go, '');
      assert.deepEqual(await left, OVER);
      // Where that is heard late, it has given one value already.
      const { done, value } = await asked;
      assert.equal(value, done ? undefined : 0);
      assert.equal(await pool.run(f.sum, 1, 2), 3);
    },
  );

  test(`${kind}: also where the source has ended by itself, or failed`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    for (const source of [f.numbers, f.breaksAfter]) {
      const iterator = pool.each(source, 5);
      await iterator.next();
      // Its only worker is free, so all that it had to give is here.
      await pool.run(f.sum);
      assert.deepEqual(await iterator.return(), OVER);
      assert.deepEqual(await iterator.next(), OVER);
      await assert.rejects(iterator.throw(new RangeError('mine')), { message: 'mine' });
    }
  });

  test(`${kind}: throw() leaves the source and rejects with the error`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    const before = await pool.run(f.counts);
    const iterator = pool.each(f.numbers, 1e6);
    await iterator.next();
    const mine = new RangeError('mine');
    assert.equal((await outcome(iterator.throw(mine))).thrown, mine);
    assert.deepEqual(await iterator.next(), OVER);
    assert.equal((await pool.run(f.counts)).closed, before.closed + 1);
    const unbegun = pool.each(f.numbers, 1e6);
    assert.equal((await outcome(unbegun.throw(mine))).thrown, mine);
    assert.deepEqual(await unbegun.next(), OVER);
  });

  for (const [how, end, Class] of [
    ['close()', (pool) => pool.close({ timeout: 1 }), PoolClosedError],
    ['destroy()', (pool) => pool.destroy(), PoolClosedError],
    ['destroy(reason)', (pool) => pool.destroy(new RangeError('mine')), RangeError],
  ]) {
    test(`${kind}: ${how} cuts it off, by name and once`, limit, async () => {
      const pool = createPool({ kind, size: 1 });
      const iterator = pool.each(f.numbers, 1e6);
      assert.deepEqual(await iterator.next(), { done: false, value: 0 });
      assert.deepEqual(await iterator.next(), { done: false, value: 1 });
      await end(pool);
      const { thrown } = await outcome(iterator.next());
      assert.ok(thrown instanceof Class, String(thrown));
      assert.deepEqual(await iterator.next(), OVER);
    });
  }

  test(`${kind}: so do a signal and a timeout`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 2 });
    const abort = new AbortController();
    const iterator = pool.with({ signal: abort.signal }).each(f.numbers, 1e6);
    await iterator.next();
    abort.abort('enough');
    assert.equal((await outcome(iterator.next())).thrown, 'enough');
    assert.deepEqual(await iterator.next(), OVER);
    await pool.run(f.sum);
    const timed = pool.with({ timeout: 300 }).each(f.numbers, 1e6);
    let thrown;
    while (thrown === undefined) thrown = (await outcome(timed.next())).thrown;
    assert.ok(thrown instanceof TimeoutError, String(thrown));
    assert.deepEqual(await timed.next(), OVER);
  });

  test(`${kind}: what the source gave before it failed comes first`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    const iterator = pool.each(f.breaksAfter, 3);
    assert.deepEqual(await iterator.next(), { done: false, value: 0 });
    await pool.run(f.sum);
    for (const value of [1, 2]) assert.deepEqual(await iterator.next(), { done: false, value });
    assert.ok((await outcome(iterator.next())).thrown instanceof RangeError);
    assert.deepEqual(await iterator.next(), OVER);
  });
}

for (const kind of ['thread', 'process']) {
  test(`carried stores are there in the source itself: ${kind}`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    for (const source of [f.ledgers, f.ledgersLater, f.ledgersOf]) {
      const seen = await f.ledger.run({ page: 7 }, async () => {
        const all = [];
        for await (const value of pool.each(source, 3)) all.push(value);
        return all;
      });
      assert.deepEqual(seen, [{ page: 7 }, { page: 7 }, { page: 7 }], source.name);
    }
  });

  test(
    `an iteration that is given up while it waits to be asked is over at once: ${kind}`,
    limit,
    async (scope) => {
      const pool = poolFor(scope, { kind, size: 1 });
      const abort = new AbortController();
      const values = pool.with({ signal: abort.signal, grace: false }).each(f.numbers, 1000);
      await values.next();
      // What was sent ahead is there, and nobody asks for more.
      await until(() => pool.stats().running === 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      abort.abort();
      await assert.rejects(values.next(), { name: 'AbortError' });
      // Its grace has no end.
      await until(() => pool.stats().running === 0 && pool.stats().queued === 0);
      assert.equal(pool.stats().started, 1);
    },
  );
}
