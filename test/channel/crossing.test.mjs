// Any value crosses to the other thread and back exactly as structuredClone() would give it: which way it takes is nothing
// that shows. ISTHMUS_SEED repeats a run; ISTHMUS_CROSSINGS makes it longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { echo, echoAll } from '../thread/functions.mjs';
import { call, caught } from '../thread/kit.mjs';
import { builder, recipe, recipeToPack } from './recipes.mjs';
import { difference } from './same.mjs';

const limit = { timeout: 240_000 };
const seed = Number(process.env.ISTHMUS_SEED ?? 20_260_201);
const numRuns = Number(process.env.ISTHMUS_CROSSINGS ?? 4000);

function check(property, runs = numRuns) {
  fc.assert(property, { seed, numRuns: runs });
}

function same(actual, expected) {
  assert.equal(difference(actual, expected), undefined);
  // A second opinion on what compares here.
  assert.ok(isDeepStrictEqual(actual, expected));
}

test('what is different is seen', limit, () => {
  const one = {};
  const cycle = [];
  cycle.push(cycle);
  for (const [a, b] of [
    [0, -0],
    [[0], [-0]],
    [[undefined], new Array(1)],
    [{ a: undefined }, {}],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [[1], Object.assign([1], { a: 1 })],
    [{}, Object.create(null)],
    [
      [one, one],
      [{}, {}],
    ],
    [
      [{}, {}],
      [one, one],
    ],
    [[cycle], cycle],
    [new Date(1), new Date(2)],
    [new Map([[1, one]]), new Map([[1, 1]])],
    [new Set([1]), new Set([1, 2])],
    [/a/g, /a/],
    [Object(0), Object(-0)],
    [new Uint8Array([1]), new Uint8Array([2])],
    [new Uint8Array(new ArrayBuffer(2), 1), new Uint8Array(1)],
    ['1', 1],
    [1n, 2n],
    [null, {}],
  ]) {
    assert.equal(typeof difference(a, b), 'string');
    assert.equal(typeof difference(b, a), 'string');
    assert.equal(difference(a, a), undefined);
    assert.equal(difference(b, structuredClone(b)) === undefined, Object.getPrototypeOf(Object(b)) !== null);
  }
});

test('one value', limit, () => {
  check(
    fc.property(recipe, (one) => {
      const value = builder()(one);
      same(call(echo, value), structuredClone(value));
    }),
  );
});

test('arguments that share objects', limit, () => {
  check(
    fc.property(recipe, recipe, (one, two) => {
      const build = builder();
      const values = [build(one), build(two)];
      same(call(echoAll, ...values), structuredClone(values));
    }),
  );
});

test('one value twice stays one', limit, () => {
  check(
    fc.property(recipe, recipe, (one, two) => {
      const build = builder();
      const value = build(one);
      const values = [value, build(two), value, { again: value }];
      const [first, , second, { again }] = call(echoAll, ...values);
      assert.ok(Object.is(first, second) && Object.is(first, again));
      same([first, second], structuredClone([value, value]));
    }),
    numRuns / 4,
  );
});

test('many arguments', limit, () => {
  const small = fc.array(recipe, { minLength: 1, maxLength: 4 });
  check(
    fc.property(small, fc.integer({ min: 238, max: 258 }), (recipes, count) => {
      const build = builder();
      const few = recipes.map(build);
      const values = Array.from({ length: count }, (_, i) => (i % 83 === 5 ? few[i % few.length] : i));
      same(call(echoAll, ...values), structuredClone(values));
    }),
    numRuns / 10,
  );
});

test('strings that together fill the box', limit, () => {
  const texts = fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 12 });
  check(
    fc.property(texts, fc.constantFrom('\0', '\ud800', 'x'), fc.boolean(), (lengths, unit, nested) => {
      const values = lengths.map((length) => (nested ? [unit.repeat(length)] : unit.repeat(length)));
      same(call(echoAll, ...values), values);
    }),
    numRuns / 10,
  );
});

test('values at the end of a full box', limit, () => {
  const last = fc.array(recipe, { minLength: 1, maxLength: 3 });
  check(
    fc.property(fc.integer({ min: 16_340, max: 16_384 }), last, (length, recipes) => {
      const values = ['x'.repeat(length), 'y'.repeat(length), ...recipes.map(builder())];
      same(call(echoAll, ...values), structuredClone(values));
    }),
    numRuns / 10,
  );
});

test('beside a Buffer, and with large bytes', limit, () => {
  check(
    fc.property(recipeToPack, fc.boolean(), (one, beside) => {
      const value = builder()(one);
      if (!beside) return same(call(echo, value), structuredClone(value));
      const buffer = Buffer.from('beside');
      const [crossed, ...buffers] = call(echo, [value, buffer, buffer]);
      same(crossed, structuredClone(value));
      assert.ok(Buffer.isBuffer(buffers[0]) && buffers[0] === buffers[1] && buffer.equals(buffers[0]));
    }),
  );
});

const refused = {
  'a Proxy': () => new Proxy({ a: 1 }, {}),
  'a Proxy of an array': () => new Proxy([1, 2], {}),
  'a Proxy of a Date': () => new Proxy(new Date(), {}),
  'a symbol': () => Symbol('s'),
  'a WeakMap': () => new WeakMap(),
  'a Promise': () => Promise.resolve(),
};
/** Ways to put a value into another, each with how its path goes on. */
const places = {
  key: (value) => [{ before: 1, key: value }, '.key'],
  'odd key': (value) => [{ 'odd key': value }, '["odd key"]'],
  item: (value) => [[0, value], '[1]'],
  map: (value) => [new Map([['k', value]]), '.get("k")'],
  set: (value) => [new Set([value]), '.values()[0]'],
};

test('what structuredClone() refuses is refused with its path, and the next call works', limit, () => {
  const steps = fc.array(fc.constantFrom(...Object.keys(places)), { maxLength: 6 });
  check(
    fc.property(recipe, fc.constantFrom(...Object.keys(refused)), steps, (beside, kind, names) => {
      let value = refused[kind]();
      let path = '';
      for (const name of names) {
        const [outer, step] = places[name](value);
        value = outer;
        path = step + path;
      }
      const other = builder()(beside);
      assert.throws(() => structuredClone(value), { name: 'DataCloneError' });
      const { thrown } = caught(() => call(echoAll, other, value));
      assert.equal(thrown?.code, 'ERR_ISTHMUS_UNCLONEABLE', String(thrown));
      assert.equal(thrown.path, `args[1]${path}`);
      assert.equal(call(echo, 1), 1);
    }),
    numRuns / 8,
  );
});
