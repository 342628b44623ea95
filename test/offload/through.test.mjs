// The option `through`: what is called in the function's place is made on the other side, of the function there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toProcess, toThread } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import { codeOf, limit, outcome, poolFor } from './kit.mjs';

const address = { module: new URL('functions.mjs', import.meta.url).href, name: 'doubled' };

for (const [name, call] of Object.entries({ toThread, toProcess })) {
  test(`${name}: what it makes is called instead`, limit, async () => {
    const doubling = call.with({ through: f.doubled });
    assert.equal(await doubling(t.add, 2, 3), 10);
    assert.equal(await doubling(f.sum, 1, 2, 3), 12);
    assert.equal(await call(t.add, 2, 3), 5, 'the function itself is as it was');
    assert.equal(await call.with({ through: address })(t.add, 2, 3), 10);
    assert.equal(await call.with({ through: f.doubledLater })(t.echoLater, 4), 8);
    assert.equal(await call.with({ through: f.doubled, bySource: true })((n) => n + 1, 4), 10);
    const values = [];
    for await (const value of call.with({ through: f.reversed }).each(f.numbers, 3)) values.push(value);
    assert.deepEqual(values, [2, 1, 0]);
  });
}

test('it is made once for each worker and function', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const doubling = pool.with({ through: f.doubled });
  for (let i = 0; i < 5; i++) assert.equal(await doubling.run(t.add, i, 1), 2 * i + 2);
  assert.equal(await pool.run(f.doublersOf), 1);
  await doubling.run(f.sum, 1);
  assert.equal(await pool.run(f.doublersOf), 2);
});

test('one that fails, or gives no function, is told', limit, async () => {
  const { thrown } = await outcome(toThread.with({ through: f.failsToMake })(t.add, 1, 2));
  assert.deepEqual([thrown.constructor, thrown.message], [RangeError, 'cannot make it']);
  const none = await outcome(toThread.with({ through: f.noFunction })(t.add, 1, 2));
  assert.equal(none.thrown.code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
  assert.match(
    none.thrown.message,
    /`through` \(noFunction\) has to give the function that is called instead, not 5/,
  );
  assert.equal(await codeOf(toThread.with({ through: () => 5 })(t.add, 1, 2)), 'ERR_ISTHMUS_NO_ADDRESS');
  for (const through of [5, 'doubled', null]) {
    assert.throws(() => toThread.with({ through }), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
  }
  assert.equal(await toThread(t.add, 1, 2), 3);
});
