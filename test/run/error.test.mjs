// Whatever is thrown comes out of `run` as the very same thing, untouched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from 'isthmus';

const limit = { timeout: 10_000 };
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const name = 'then';

class OwnError extends TypeError {
  code = 'E_OWN';
  details = { rows: [1, 2] };
  constructor() {
    super('own', { cause: new Error('the cause') });
    this.name = 'OwnError';
  }
}

const thrown = {
  undefined: undefined,
  null: null,
  0: 0,
  '-0': -0,
  NaN: Number.NaN,
  false: false,
  'an empty string': '',
  'a bigint': 0n,
  'a symbol': Symbol('thrown'),
  'a function': () => {},
  'a plain object': { code: 'plain' },
  'an Error': new Error('plain'),
  'a subclass with code, cause and properties of its own': new OwnError(),
  'an AggregateError': new AggregateError([new Error('one'), 'two', undefined], 'both'),
  'a DOMException': new DOMException('gone', 'DataCloneError'),
  'a frozen error': Object.freeze(new Error('frozen')),
  'an error without a stack': Object.assign(new Error('bare'), { stack: undefined }),
  'a rejected promise': Promise.reject(new Error('inside')),
};
thrown['a rejected promise'].catch(() => {});

const ways = {
  'by a function at once': (value) => () => {
    throw value;
  },
  'by an async function': (value) => async () => {
    throw value;
  },
  'after a timer': (value) => async () => {
    await later(1);
    throw value;
  },
  'by a rejected promise': (value) => Promise.reject(value),
  'by a pending promise': (value) => new Promise((_, reject) => setTimeout(reject, 1, value)),
  'by a thenable': (value) => ({ [name]: (_, reject) => reject(value) }),
  'two calls deep': (value) => async () => {
    await later(1);
    return run(Promise.reject(value));
  },
};

const shape = (value) =>
  Object(value) === value ? [Object.getPrototypeOf(value), Object.getOwnPropertyDescriptors(value)] : [];

for (const [what, value] of Object.entries(thrown)) {
  test(`thrown: ${what}`, limit, () => {
    const before = shape(value);
    for (const [how, make] of Object.entries(ways)) {
      let caught;
      try {
        caught = { instead: run(make(value)) };
      } catch (error) {
        caught = { error };
      }
      assert.deepEqual(Object.keys(caught), ['error'], `${how}: nothing was thrown`);
      assert.ok(Object.is(caught.error, value), `${how}: ${String(caught.error?.stack ?? caught.error)}`);
    }
    assert.deepEqual(shape(value), before, 'it must not be touched');
  });
}

test('an AsyncDisposable-like finally runs before the error comes out', limit, () => {
  const order = [];
  const work = async () => {
    try {
      await later(1);
      throw new OwnError();
    } finally {
      await later(1);
      order.push('finally');
    }
  };
  assert.throws(() => run(work), OwnError);
  assert.deepEqual(order, ['finally']);
});
