// Looking or sleeping: what `Patience` settles for, where the two ways cost what is told here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built } from './built.mjs';

const limit = { timeout: 20_000 };
const { Patience } = await built('channel/patience.ts');

/** Makes calls of so many ms in all; how much of that time was spent with looking. */
function spend(patience, ms, looking, sleeping) {
  let spent = 0;
  let looked = 0;
  while (spent < ms) {
    const cost = patience.looks ? looking() : sleeping();
    spent += cost;
    if (patience.looks) looked += cost;
    patience.note(cost);
  }
  return looked / spent;
}

test('where looking is faster, it is nearly all that is done', limit, () => {
  const patience = new Patience();
  assert.ok(
    spend(
      patience,
      1000,
      () => 0.002,
      () => 0.02,
    ) > 0.85,
  );
  assert.ok(
    spend(
      patience,
      5000,
      () => 0.002,
      () => 0.02,
    ) > 0.97,
  );
});

test('where the cores are busy, it is soon given up', limit, () => {
  const patience = new Patience();
  assert.ok(
    spend(
      patience,
      1000,
      () => 0.2,
      () => 0.02,
    ) < 0.1,
  );
  assert.ok(
    spend(
      patience,
      10_000,
      () => 0.2,
      () => 0.02,
    ) < 0.02,
  );
});

test('what changes is noticed: cores that get busy, and cores that get free', limit, () => {
  const patience = new Patience();
  spend(
    patience,
    3000,
    () => 0.002,
    () => 0.02,
  );
  assert.ok(
    spend(
      patience,
      1000,
      () => 0.2,
      () => 0.06,
    ) < 0.2,
  );
  spend(
    patience,
    20_000,
    () => 0.2,
    () => 0.06,
  );
  // The trials are rare by now, but calls that got three times faster say that it is another machine.
  const share = spend(
    patience,
    300,
    () => 0.002,
    () => 0.02,
  );
  assert.ok(share > 0.5, `${share}`);
});

test('calls that take long by themselves do not drown what is learnt', limit, () => {
  const patience = new Patience();
  let looked = 0;
  const calls = 20_000;
  for (let i = 0; i < calls; i++) {
    if (patience.looks) looked++;
    patience.note(i % 20 === 0 ? 50 : patience.looks ? 0.002 : 0.06);
  }
  assert.ok(looked / calls > 0.8, `${looked / calls}`);
});
