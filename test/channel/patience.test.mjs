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

/** How much longer all calls took than with sleeping alone; `looking(at)` is a call that is the at-th since looking began. */
function overhead(patience, ms, looking, sleeping) {
  let spent = 0;
  let asleep = 0;
  let at = 0;
  for (let i = 0; spent < ms; i++) {
    const slept = sleeping(i);
    at = patience.looks > 0 ? at + 1 : 0;
    const cost = at > 0 ? looking(at) : slept;
    spent += cost;
    asleep += slept;
    patience.note(cost);
  }
  return spent / asleep - 1;
}

/** Busy cores: calls differ from one time to the next, some are held up, and none says anything of looking. */
const varied = (i) => [0.008, 0.03, 0.012, 0.05][(i >> 9) % 4] + (i % 700 === 0 ? 4 : 0);
const contended = {
  'looking is always slower': () => 0.17,
  'looking that begins well': (at) => (at < 2000 ? 0.003 : 0.17),
  'looking that now and then costs a whole turn': (at) => (at % 20 === 0 ? 4 : 0.003),
};
for (const [name, looking] of Object.entries(contended)) {
  test(`what trials may cost on busy cores: ${name}`, limit, () => {
    const patience = new Patience();
    overhead(patience, 1000, looking, varied);
    const more = overhead(patience, 60_000, looking, varied);
    assert.ok(more < 0.02, `${more}`);
  });
}

test('nobody looks longer than two calls without looking take', limit, () => {
  const patience = new Patience();
  const first = patience.looks;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10_000; i++) {
    patience.note(patience.looks > 0 ? 0.002 : 0.008);
    if (patience.looks > 0) least = Math.min(least, patience.looks);
  }
  assert.ok(least < first / 4, `${least} of ${first}`);
});

test('a trial of calls that wait often ends before it has cost much', limit, () => {
  const patience = new Patience();
  let longest = 0;
  let inARow = 0;
  for (let i = 0; i < 100_000; i++) {
    inARow = patience.looks > 0 ? inARow + 1 : 0;
    if (i > 1000) longest = Math.max(longest, inARow);
    patience.note(inARow > 0 ? 2 : 0.2);
  }
  assert.ok(longest > 0 && longest < 10, `${longest}`);
});
