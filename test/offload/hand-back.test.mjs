// handBack: what a carried store has become comes back into the caller's own object, the same way on every path.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { handBack, runInThread, toProcess, toThread } from 'isthmus';
import * as f from './functions.mjs';
import { limit, outcome } from './kit.mjs';

const paths = {
  toThread,
  toProcess,
  runInThread: async (...all) => runInThread(...all),
};

for (const [name, call] of Object.entries(paths)) {
  test(`${name}: a plain object, an array, a Map, a Set`, limit, async () => {
    const cases = [
      [
        { a: 1, gone: true },
        { a: 1, spent: 5 },
      ],
      [[1], [1, 5]],
      [new Map([['a', 1]]), new Map([['a', 1], ['spent', 5]])], // biome-ignore format: one line each
      [new Set([1]), new Set([1, 5])],
    ];
    for (const [mine, expected] of cases) {
      assert.equal(await f.ledger.run(mine, () => call(f.spends, 5)), 5);
      assert.deepEqual(mine, expected);
    }
  });

  test(`${name}: only what is handed back, and also when the function throws`, limit, async () => {
    const mine = {};
    await f.ledger.run(mine, () => call(f.spends, 5, 'silently'));
    assert.deepEqual(mine, {});
    const { thrown } = await outcome(f.ledger.run(mine, () => call(f.spends, 5, 'and throws')));
    assert.ok(thrown instanceof RangeError);
    assert.deepEqual(mine, { spent: 5 });
    assert.equal(f.ledger.getStore(), undefined);
  });

  test(`${name}: what cannot come back is refused by name, and the next call works`, limit, async () => {
    const bad = await outcome(call(f.handsBackBadly));
    assert.equal(bad.thrown.code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
    assert.match(bad.thrown.message, /handBack\(\) takes an AsyncLocalStorage that is carried/);
    const text = await outcome(f.ledger.run('text', () => call(f.spends, 5)));
    assert.match(text.thrown.message, /"test ledger" holds "text": put the value into an object/);
    const mine = {};
    const { thrown } = await outcome(f.ledger.run(mine, () => call(f.spends, 5, 'badly')));
    assert.equal(thrown.code, 'ERR_ISTHMUS_UNCLONEABLE');
    assert.match(thrown.path, /^context/);
    assert.deepEqual(mine, {});
    await f.ledger.run(mine, () => call(f.spends, 5));
    assert.deepEqual(mine, { spent: 5 });
  });
}

test('outside such a function it does nothing', limit, () => {
  handBack(new AsyncLocalStorage());
});
