// Where a value easily crosses otherwise than structuredClone() would give it; a `todo` is one that still does.
// crossing.test.mjs leaves these out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { echo, kinds } from '../thread/functions.mjs';
import { call, codeOf, limit } from '../thread/kit.mjs';
import { difference } from './same.mjs';

const todo = {
  timeout: 60_000,
  todo: 'it does not cross so yet: the class of case is rare, and looking for it costs each call',
};
const same = (actual, expected) => assert.equal(difference(actual, expected), undefined);
const buffer = Buffer.from('beside');
/** What comes of a value beside something that needs a mark. */
const besideBuffer = (value) => call(echo, [value, buffer])[0];

class Holder {
  constructor(held) {
    this.held = held;
  }
}

test('a getter is read once', limit, () => {
  const make = () => {
    let reads = 0;
    return {
      get reads() {
        return ++reads;
      },
    };
  };
  same(call(echo, make()), structuredClone(make()));
});

test('a getter that gives something else the second time', limit, () => {
  const make = () => {
    let reads = 0;
    return {
      get value() {
        return reads++ === 0 ? 1 : new Map();
      },
    };
  };
  same(call(echo, make()), structuredClone(make()));
});

test('an array’s item that is not enumerable, and a property beside the items', todo, () => {
  const array = Object.defineProperty([1], '0', { enumerable: false });
  array.more = true;
  same(call(echo, array), structuredClone(array));
});

test('an `arguments` object is refused', todo, () => {
  const value = (function () {
    // biome-ignore lint/complexity/noArguments: it is what is sent
    return arguments;
  })(1, 2);
  assert.throws(() => structuredClone(value));
  assert.equal(
    codeOf(() => call(echo, value)),
    'ERR_ISTHMUS_UNCLONEABLE',
  );
});

test('beside a Buffer, what a class’s instance shares stays shared', todo, () => {
  const one = {};
  const make = () => [new Holder(one), one];
  same(besideBuffer(make()), structuredClone(make()));
});

test('large bytes that a class’s instance shares stay shared', todo, () => {
  const bytes = new ArrayBuffer(40_000);
  const make = () => [new Holder(bytes), bytes];
  same(call(echo, make()), structuredClone(make()));
});

test('beside a Buffer, an array’s own __proto__', limit, () => {
  const array = Object.defineProperty([1], '__proto__', { value: { a: 1 }, enumerable: true });
  same(besideBuffer(array), structuredClone(array));
});

test('beside a Buffer, a plain object that calls itself an Error', limit, () => {
  const value = { [Symbol.toStringTag]: 'Error', a: 1 };
  same(besideBuffer(value), structuredClone(value));
});

test('a Buffer that is an array’s property stays one', todo, () => {
  const array = Object.assign([1], { more: Buffer.from('x') });
  assert.ok(Buffer.isBuffer(call(echo, array).more));
});

test('beside a Buffer or a callback a Proxy is refused', limit, () => {
  const proxy = new Proxy({ a: 1 }, {});
  for (const beside of [buffer, () => {}]) {
    assert.equal(
      codeOf(() => call(kinds, [proxy, beside])),
      'ERR_ISTHMUS_UNCLONEABLE',
    );
  }
});

test('a Proxy of a Map or Set, and a revoked one, are refused by name', limit, () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const value of [new Proxy(new Map(), {}), new Proxy(new Set(), {}), proxy]) {
    assert.equal(
      codeOf(() => call(echo, value)),
      'ERR_ISTHMUS_UNCLONEABLE',
    );
  }
});
