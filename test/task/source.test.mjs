// sourceOf and compile: a function that stands alone, sent by its text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { task } from './built.mjs';

const { sourceOf, compile, NoAddressError } = task;
const limit = { timeout: 15_000 };
const outside = 3;
const keep = () => outside;
keep();

const there = (fn, ...args) => compile(sourceOf(fn))(...args);
const refusal = (fn, why) =>
  assert.throws(
    () => sourceOf(fn),
    (error) => error instanceof NoAddressError && why.test(error.message),
  );

test('functions that stand alone', limit, async () => {
  assert.equal(
    there((x) => x + 1, 1),
    2,
  );
  assert.equal(
    there(function named(n) {
      return n < 2 ? 1 : n * named(n - 1);
    }, 4),
    24,
  );
  assert.equal(await there(async (x) => x, 5), 5);
  assert.deepEqual(
    [
      ...there(function* () {
        yield 1;
      }),
    ],
    [1],
  );
  assert.equal(
    there(
      {
        method(x) {
          return x * 2;
        },
      }.method,
      4,
    ),
    8,
  );
  assert.equal(
    there(() => 1 /* outside */),
    1,
  );
  assert.equal(
    there(
      (x) => x, // outside
      6,
    ),
    6,
  );
  assert.equal(
    there(function () {
      return this;
    }),
    undefined,
  );
  const { basename } = await there(async () => import('node:path'));
  assert.equal(basename('/a/b'), 'b');
});

test('names in text are no captures', limit, () => {
  assert.equal(
    there(() => `outsideoutside${`outside`.length}`),
    'outsideoutside7',
  );
  assert.equal(
    there((x) => x.outside, { outside: 1 }),
    1,
  );
  assert.equal(
    there((x) => x?.outside, { outside: 1 }),
    1,
  );
  assert.equal(
    there(() => /outside[/']/.test("outside'")),
    true,
  );
});

test('captures are refused by their names', limit, () => {
  const inner = 1;
  refusal(() => outside, /captures outside\./);
  refusal(() => inner + outside, /captures inner, outside\./);
  refusal(() => `a ${`}${outside}`} b`, /captures outside/);
  refusal(() => `a ${`b ${outside}`}`, /captures outside/);
  refusal(() => ({ ...outside }), /captures outside/);
  refusal((x) => {
    if (x) /'/.test(`${outside}'`);
  }, /captures outside/);
  refusal((x) => x++ / 2 + outside / 2, /captures outside/);
  refusal(() => assert.ok(1), /captures assert/);
  // biome-ignore lint/security/noGlobalEval: the test is about it
  refusal(() => eval('outside'), /uses eval/);
});

test('what has no source that stands alone', limit, () => {
  refusal(Math.max, /native/);
  refusal(keep.bind(null), /bound/);
  refusal(class {}, /a class/);
  refusal(
    function () {
      return new.target;
    }.bind(),
    /bound/,
  );
  refusal(
    {
      m() {
        return super.m;
      },
    }.m,
    /super/,
  );
  refusal(() => this, /arrow function and uses the this/);
  refusal(() => import.meta.url, /imports by a specifier|does not stand alone/);
  refusal(() => import('./built.mjs'), /imports by a specifier/);
  refusal(new Function('return 010'), /does not stand alone in strict mode/);
});
