// Arguments, results and errors of every kind; callbacks.test.mjs and death.test.mjs have the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import {
  currentSignal,
  IsthmusError,
  LoadError,
  NeverSettlesError,
  NoAddressError,
  runInThread,
  TimeoutError,
  UncloneableError,
} from 'isthmus';
import * as f from './functions.mjs';
import { call, caught, codeOf, functionsUrl, limit } from './kit.mjs';

const works = () => assert.equal(call(f.add, 1, 2), 3);
/** Both ways a value comes back: given at once, and by a promise. */
const echoes = [f.echo, f.echoLater];

test(
  'the function runs in another thread, in one that is kept, and in its own copy of the module',
  limit,
  () => {
    assert.equal(runInThread(f.isInThread), true);
    assert.equal(f.isInThread(), false);
    assert.deepEqual([call(f.counter), call(f.counter), call(f.counter)], [1, 2, 3]);
    assert.equal(f.counter.count, undefined);
  },
);

const surrogates = ['\ud800', '\udc00x', 'x\ud83d', '\udfff\ud800'];
const primitives = {
  undefined: [undefined],
  null: [null],
  booleans: [true, false],
  numbers: [0, -0, 1, -1.5, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE, Infinity, -Infinity, NaN, 1e21],
  BigInts: [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  'short strings': ['', 'a', 'ä€𝄞', '\0', '\ufeff', 'line\nline'],
  'lone surrogates': [...surrogates, `${'é'.repeat(9000)}\ud800`, `${'x'.repeat(70_000)}\udc00`],
  'strings around 16 KB': [16_383, 16_384, 16_385].map((n) => 'é'.repeat(n)),
  'strings around 64 KB': [32_750, 32_768, 65_530, 65_536, 65_537, 200_000].map((n) => 'xé'.repeat(n / 2)),
  'a string of 5 MB': ['x'.repeat(5_000_000)],
};
for (const [name, values] of Object.entries(primitives)) {
  test(`crosses both ways: ${name}`, limit, () => {
    for (const echo of echoes) {
      for (const value of values) {
        // `Object.is` as a truth, lest a difference of megabytes is printed.
        assert.ok(Object.is(call(echo, value), value), `${echo.name}: ${String(value).slice(0, 30)}`);
      }
      assert.deepEqual(call(f.echo, values), values);
    }
  });
}

test('the other side sees the same primitives', limit, () => {
  for (const value of [undefined, null, true, -0, NaN, 10n, '\ud800', '']) {
    const crossed = JSON.stringify(call(f.describe, value));
    assert.equal(crossed, JSON.stringify(f.describe(value)));
  }
});

const circle = { list: [] };
circle.self = circle;
circle.list.push(circle);
const twice = { n: 1 };
const sparse = ['a'];
sparse[5] = 'f';
const objects = {
  'plain objects': { a: 1, 'odd key': [undefined, null, { b: -0 }], '': 0, u: undefined },
  'own __proto__': JSON.parse('{"__proto__": {"a": 1}, "b": 2}'),
  'an own `then` that is no function': { then: 1 },
  arrays: [1, [2, [3, []]], 'x', undefined],
  'sparse arrays': sparse,
  'a Map with keys of every kind': new Map([
    [1, 'one'],
    [NaN, 'nan'],
    [{ k: 1 }, new Map([['deep', new Set([1])]])],
    [undefined, null],
  ]),
  'a Set': new Set([1, 'a', new Date(5)]),
  dates: [new Date(0), new Date(-1), new Date(8.64e15)],
  'regular expressions': [/a(b)?/giu, /^$/],
  'wrapped primitives': [Object(1), Object('s'), Object(false), Object(1n)],
  'typed arrays': [
    new Uint8Array([1, 2]),
    new Float64Array([1.5, NaN, -0]),
    new BigInt64Array([1n, -1n]),
    new Uint8ClampedArray(3),
    new Int16Array(0),
  ],
  'a DataView': new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  ArrayBuffers: [new ArrayBuffer(0), new Uint8Array([9, 8]).buffer],
  'a cycle': circle,
  'a nested result of 60 KB': { text: 'é'.repeat(30_000), more: [1, 2] },
  'a nested result of 300 KB': { text: Array.from({ length: 30_000 }, (_, i) => `item ${i}`) },
  'a deep tree': Array.from({ length: 500 }).reduce((inner) => ({ inner }), 'the end'),
};
for (const [name, value] of Object.entries(objects)) {
  test(`crosses both ways: ${name}`, limit, () => {
    for (const echo of echoes) assert.deepEqual(call(echo, value), value);
    // Beside a Buffer the value takes the way of what structured clone cannot do by itself.
    assert.deepEqual(call(f.echo, [value, Buffer.from('x')]), [value, Buffer.from('x')]);
    assert.deepEqual(call(f.echo, { value, error: new Error('x') }).value, value);
  });
}

test('cycles and shared references stay what they are', limit, () => {
  assert.equal(call(f.isCyclic, circle), true);
  const back = call(f.cycle);
  assert.equal(back.self, back);
  assert.equal(back.list[0], back);
  for (const beside of [[], [Buffer.from('b')], [new Error('e')]]) {
    const [a, b, map] = call(f.echo, [twice, twice, new Map([[twice, twice]]), ...beside]);
    assert.equal(a, b);
    assert.equal(map.get(a), a);
  }
  const buffer = Buffer.from('one');
  assert.equal(call(f.isSame, buffer, buffer), true, 'the same Buffer in two arguments');
  const error = new Error('one');
  assert.equal(call(f.isSame, error, error), true, 'the same error in two arguments');
  const [one, { one: same }] = call(f.sharedBuffer);
  assert.equal(one, same);
});

test('holes stay holes, and an object without a prototype comes as a plain one', limit, () => {
  assert.equal(call(f.hasHole, sparse, 2), true);
  const back = call(f.sparse);
  assert.deepEqual([back.length, Object.keys(back)], [6, ['3']]);
  const withBuffer = call(f.echo, [sparse, Buffer.from('x')])[0];
  assert.deepEqual([withBuffer.length, Object.keys(withBuffer)], [6, ['0', '5']]);
  assert.deepEqual({ ...call(f.bare) }, { a: 1 });
  const bare = Object.assign(Object.create(null), { a: 1, b: Buffer.from('b') });
  assert.deepEqual({ ...call(f.echo, bare) }, { a: 1, b: Buffer.from('b') });
});

test('a Buffer stays a Buffer, wherever it is, and nothing else becomes one', limit, () => {
  assert.ok(Buffer.isBuffer(call(f.echo, Buffer.from('direct'))));
  const { map, list, set, array } = call(f.buffers);
  assert.equal(map.get('b').toString(), 'in a map');
  assert.equal(list[0].toString(), 'in a list');
  assert.equal([...set][0].toString(), 'in a set');
  assert.equal(array.constructor, Uint8Array);
  const sent = [Buffer.from('a'), new Uint8Array([1]), new ArrayBuffer(1), Buffer.alloc(0)];
  assert.deepEqual(call(f.kinds, sent), ['Buffer', 'Uint8Array', 'ArrayBuffer', 'Buffer']);
  assert.deepEqual(call(f.kinds, [...new Map([['k', Buffer.from('v')]]).values()]), ['Buffer']);
});

test('a small typed array does not come with other memory', limit, () => {
  for (const value of [new Uint8Array([1, 2]), new Float64Array([1.5]), new DataView(new ArrayBuffer(4))]) {
    assert.equal(call(f.echo, value).buffer.byteLength, value.byteLength);
    assert.equal(call(f.echo, { value }).value.buffer.byteLength, value.byteLength);
    assert.equal(call(f.echo, [value, new Date()])[0].buffer.byteLength, value.byteLength);
  }
  assert.equal(call(f.view, new Uint8Array([1, 2]))[2], 2);
  const memory = new ArrayBuffer(16);
  const [bytes, words] = call(f.echo, [new Uint8Array(memory), new Int32Array(memory, 4, 1)]);
  assert.equal(bytes.buffer, words.buffer, 'two views of one buffer');
  assert.equal(words.byteOffset, 4);
});

test('of a small piece of the pool only the piece crosses, and it is nobody else’s memory', limit, () => {
  const one = Buffer.from('one');
  const [kind, bytes] = call(f.view, one);
  assert.deepEqual([kind, bytes], ['Buffer', [...one]]);
  const back = call(f.echo, one);
  back[0] = 120;
  assert.equal(one.toString(), 'one');
  const first = call(f.echo, Buffer.from('first'));
  call(f.echo, Buffer.from('other'));
  assert.equal(first.toString(), 'first', 'a later call must not write into an earlier result');
});

for (const length of [0, 1, 9000, 16_384, 16_385, 65_536, 100_000, 1_000_000, 64_000_000]) {
  test(`${length.toLocaleString('en')} bytes, back and forth`, limit, () => {
    const back = call(f.bytes, length);
    assert.ok(Buffer.isBuffer(back));
    assert.equal(Buffer.compare(back, f.bytes(length)), 0);
    assert.equal(call(f.hash, back), f.hash(back));
    const array = new Uint8Array(length).fill(3);
    assert.equal(call(f.hash, array), f.hash(array));
    works();
  });
}

test('transfer moves the caller’s buffer', limit, () => {
  const buffer = new ArrayBuffer(1_000_000);
  new Uint8Array(buffer)[5] = 55;
  const hash = f.hash(new Uint8Array(buffer));
  const moving = runInThread.with({ transfer: [buffer], timeout: 30_000 });
  assert.equal(moving(f.hash, new Uint8Array(buffer)), hash);
  assert.equal(buffer.byteLength, 0, 'the caller’s is detached');
  works();
});

test('transfer works for small ones too, beside other arguments and callbacks', limit, () => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const moving = runInThread.with({ transfer: [buffer], timeout: 30_000 });
  const seen = [];
  moving(f.callWith, (...args) => void seen.push(...args), 'x', Buffer.from('b'), buffer);
  assert.deepEqual(seen, ['x', Buffer.from('b'), new Uint8Array([1, 2, 3]).buffer]);
  assert.equal(buffer.byteLength, 0);
});

test('what cannot be transferred is refused, and the next call works', limit, () => {
  const kept = new ArrayBuffer(8);
  for (const transfer of [[{}], [1], [kept, kept]]) {
    assert.throws(() => runInThread.with({ transfer })(f.echo, transfer[0]));
    assert.equal(kept.byteLength, 8);
    works();
  }
});

test('a MessagePort can be sent', limit, () => {
  const { port1, port2 } = new MessageChannel();
  const moving = runInThread.with({ transfer: [port2], timeout: 30_000 });
  assert.deepEqual(moving(f.kinds, [port2]), ['MessagePort']);
  port1.close();
});

test('shared memory is shared', limit, () => {
  const shared = new SharedArrayBuffer(8);
  call(f.addToShared, shared, 41);
  call(f.addToShared, shared, 1);
  assert.equal(new Int32Array(shared)[0], 42);
});

test('no argument, and many', limit, () => {
  assert.equal(call(f.count), 0);
  assert.equal(call(f.nothing), undefined);
  for (const length of [200, 245, 246, 247, 250, 251, 252, 255, 256, 257, 300, 5000]) {
    const many = Array.from({ length }, (_, i) => i);
    assert.equal(call(f.count, ...many), length);
    assert.deepEqual(call(f.echoAll, ...many), many);
  }
  const mixed = [undefined, null, true, -0, 'x', 10n, [1], Buffer.from('b'), new Map()];
  assert.deepEqual(call(f.echoAll, ...mixed, ...mixed), [...mixed, ...mixed]);
  // Together they do not fit into the box, each alone does.
  const strings = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(5000));
  assert.deepEqual(call(f.echoAll, ...strings), strings);
});

test('a class’s instance comes as its data', limit, () => {
  class Point {
    x = 1;
    error = new RangeError('inside');
    at = new Uint8Array([1]);
  }
  for (const filler of ['', 'x'.repeat(100_000)]) {
    const [{ x, error, at }] = call(f.echo, [new Point(), filler]);
    assert.deepEqual([x, error.message, [...at]], [1, 'inside', [1]]);
  }
});

test('size does not change what comes of a value', limit, () => {
  class Holder {
    at = Buffer.from('p');
  }
  const values = () => [
    new Holder(),
    [Buffer.from('b')],
    new Map([[1, new Uint8Array(3)]]),
    Object(1),
    twice,
  ];
  const [small, large] = ['', 'x'.repeat(100_000)].map((filler) =>
    call(f.echo, [...values(), filler]).slice(0, -1),
  );
  assert.deepEqual(small, large);
  for (const filler of ['', 'x'.repeat(100_000)]) {
    assert.equal(call(f.isSame, twice, twice, filler), true, `one object in two arguments, ${filler.length}`);
  }
});

test('async functions and thenables are awaited', limit, () => {
  assert.equal(call(f.echoLater, 5), 5);
  assert.equal(call(f.thenable, 'slow'), 'slow');
  assert.equal(call(f.thenableNow, 'now'), 'now');
  assert.equal(call(f.callable), 'from a function');
  assert.deepEqual(
    caught(() => call(f.thenableFails, undefined)),
    { thrown: undefined },
  );
  assert.throws(() => call(f.thenThrows), RangeError('no then'));
  assert.equal(call(f.echo, undefined), undefined);
  works();
});

// Errors --------------------------------------------------------------------------------------------------------------

for (const fail of [f.fail, f.failLater]) {
  const thrownBy = (kind) => {
    const outcome = caught(() => call(fail, kind));
    assert.ok('thrown' in outcome, 'it must throw');
    return outcome.thrown;
  };

  test(`${fail.name}: what is no error is thrown as it is`, limit, () => {
    assert.equal(thrownBy('undefined'), undefined);
    assert.equal(thrownBy('null'), null);
    assert.equal(thrownBy('zero'), 0);
    assert.ok(Object.is(thrownBy('minusZero'), -0));
    assert.equal(thrownBy('false'), false);
    assert.equal(thrownBy('empty'), '');
    assert.equal(thrownBy('string'), 'a string');
    assert.equal(thrownBy('bigint'), 10n);
    assert.deepEqual(thrownBy('object'), { a: 1 });
    assert.deepEqual(thrownBy('buffer'), Buffer.from('thrown'));
  });

  test(`${fail.name}: an error keeps its class, code, cause, properties and stack`, limit, () => {
    const error = thrownBy('mine');
    assert.ok(error instanceof TypeError);
    assert.deepEqual([error.name, error.message, error.code], ['MyError', 'mine', 'E_MINE']);
    assert.deepEqual(error.extra, { a: [1, new Map([[1, 2]])] });
    assert.ok(error.cause instanceof RangeError);
    assert.equal(error.cause.message, 'inner');
    assert.match(error.stack, /functions\.mjs/);
    const { code, errno, syscall, path } = thrownBy('system');
    assert.deepEqual(
      { code, errno, syscall, path },
      { code: 'ENOENT', errno: -2, syscall: 'open', path: '/none' },
    );
    assert.deepEqual(
      Object.keys(error).sort(),
      ['code', 'extra', 'name'].filter((key) => key !== 'name'),
    );
  });

  test(`${fail.name}: an AggregateError keeps its errors`, limit, () => {
    const error = thrownBy('aggregate');
    assert.ok(error instanceof AggregateError);
    assert.equal(error.errors.length, 3);
    const [one, two, three] = error.errors;
    assert.deepEqual([one.name, one.code, two], ['MyError', 'E_MINE', 'two']);
    assert.ok(three instanceof AggregateError && three.errors[0] instanceof URIError);
  });

  test(`${fail.name}: a DOMException keeps name and code`, limit, () => {
    const error = thrownBy('dom');
    assert.ok(error instanceof DOMException);
    assert.deepEqual([error.name, error.message, error.code], ['AbortError', 'gone', 20]);
  });

  test(`${fail.name}: cycles through errors`, limit, () => {
    const error = thrownBy('cycle');
    assert.equal(error.cause, error);
    const through = thrownBy('throughObject');
    assert.ok(through instanceof EvalError);
    assert.equal(through.info.back, through);
    assert.equal(through.info.list[0], through);
  });

  test(`${fail.name}: what an error holds that cannot cross is named`, limit, () => {
    for (const [kind, path] of [
      ['withFunction', 'thrown.context.onRetry'],
      ['withSymbol', 'thrown.tag'],
      ['fn', 'thrown'],
      ['symbol', 'thrown'],
      ['promise', 'thrown'],
    ]) {
      const error = thrownBy(kind);
      assert.equal(error.code, 'ERR_ISTHMUS_UNCLONEABLE', `${kind}: ${error}`);
      assert.equal(error.path, path);
      works();
    }
  });

  test(`${fail.name}: odd errors`, limit, () => {
    assert.deepEqual(thrownBy('withBuffer').body, Buffer.from('body'));
    assert.equal(thrownBy('noStack').message, 'bare');
    assert.equal(thrownBy('getter').message, 'guarded');
    assert.equal(thrownBy('long').message.length, 200_000);
    assert.equal(thrownBy('emptyName').name, '');
    thrownBy('hostile');
    works();
  });
}

test('errors as arguments, and as results, cross whole', limit, () => {
  const sent = new f.MyError('sent', { cause: new RangeError('inner') });
  const seen = call(f.facts, sent);
  assert.deepEqual(seen, f.facts(sent));
  const back = call(f.give, 'mine');
  assert.ok(back instanceof TypeError);
  assert.equal(back.code, 'E_MINE');
  const [inside] = call(f.echo, new Set([sent]));
  assert.ok(inside instanceof TypeError && inside.cause instanceof RangeError);
  assert.equal(call(f.give, 'cycle').message, 'round');
});

test('an argument that cannot cross is named, nothing is sent, and the next call works', limit, () => {
  const cases = [
    [[Symbol('a')], 'args[0]'],
    [[1, { db: { socket: Symbol('x') } }], 'args[1].db.socket'],
    [[{ 'odd key': [1, new WeakMap()] }], 'args[0]["odd key"][1]'],
    [[new Map([['k', Symbol('v')]])], 'args[0].get("k")'],
    [[[[Promise.resolve()]]], 'args[0][0][0]'],
    [['x'.repeat(20_000), Buffer.from('b'), { s: Symbol('after a Buffer') }], 'args[2].s'],
    [[() => {}, { s: Symbol('beside a callback') }], 'args[1].s'],
  ];
  const before = call(f.counter);
  for (const [args, path] of cases) {
    const { thrown } = caught(() => call(f.counter, ...args));
    assert.ok(thrown instanceof UncloneableError && thrown instanceof IsthmusError, String(thrown));
    assert.equal(thrown.path, path);
    assert.ok(thrown.message.startsWith(path));
  }
  assert.equal(call(f.counter), before + 1);
});

test('a result that cannot cross is named, and the next call works', limit, () => {
  for (const [fn, path] of [
    [f.bad, 'result.a[1].deep'],
    [f.badMap, 'result.get("key")[0]'],
    [f.badClass, 'result.socket.agent'],
    [f.badLater, 'result.of'],
  ]) {
    const { thrown } = caught(() => call(fn));
    assert.equal(thrown.code, 'ERR_ISTHMUS_UNCLONEABLE', String(thrown));
    assert.equal(thrown.path, path);
    works();
  }
});

test('a getter that throws while it is sent: an error, and the next call works', limit, () => {
  const trap = {
    get value() {
      throw new RangeError('getter');
    },
  };
  assert.throws(() => call(f.echo, trap), /getter|args\[0\]/);
  works();
  assert.throws(() => call(f.echo, trap, Buffer.from('x')), /getter|args\[0\]/);
  works();
});

// Which function, and how ----------------------------------------------------------------------------------------------

test('an address instead of the function', limit, () => {
  assert.equal(call({ module: functionsUrl, name: 'add' }, 2, 3), 5);
  assert.equal(call({ module: fileURLToPath(functionsUrl), name: 'add' }, 2, 3), 5);
  assert.equal(call({ module: new URL(functionsUrl), name: 'add' }, 2, 3), 5);
  assert.equal(call({ module: 'node:path', name: 'basename' }, '/a/b.c'), 'b.c');
  assert.equal(call({ module: 'path', name: 'basename' }, '/a/b.c'), 'b.c');
  for (let i = 0; i < 100; i++) assert.equal(call({ module: functionsUrl, name: 'add' }, i, 1), i + 1);
});

test('an address without a function or module', limit, () => {
  const { thrown } = caught(() => call({ module: functionsUrl, name: 'none' }));
  assert.equal(thrown.code, 'ERR_ISTHMUS_NO_ADDRESS', String(thrown));
  assert.match(thrown.message, /\badd\b/);
  const missing = new URL('missing.mjs', import.meta.url).href;
  const failed = caught(() => call({ module: missing, name: 'x' })).thrown;
  assert.equal(failed.code, 'ERR_ISTHMUS_LOAD', String(failed));
  assert.equal(failed.cause.code, 'ERR_MODULE_NOT_FOUND');
  works();
});

test('a named error that comes from the thread is of its class here', limit, () => {
  const errors = [
    [UncloneableError, () => call(f.bad)],
    [UncloneableError, () => call(f.fail, 'withFunction')],
    [NoAddressError, () => call({ module: functionsUrl, name: 'none' })],
    [LoadError, () => call({ module: `${functionsUrl}.missing`, name: 'none' })],
  ];
  for (const [expected, work] of errors) {
    const { thrown } = caught(work);
    assert.ok(thrown instanceof expected && thrown instanceof IsthmusError, `${expected.name}: ${thrown}`);
  }
});

test('functions without an address are refused at the call', limit, () => {
  const local = 1;
  for (const fn of [() => local, Math.max.bind(null), f.MyError, class {}, new Proxy(f.add, {})]) {
    assert.equal(
      codeOf(() => call(fn)),
      'ERR_ISTHMUS_NO_ADDRESS',
    );
  }
  for (const fn of [
    undefined,
    null,
    5,
    'add',
    {},
    { module: './x.mjs', name: 'x' },
    [],
    { module: functionsUrl },
  ]) {
    assert.equal(
      codeOf(() => call(fn)),
      'ERR_ISTHMUS_INVALID_ARGUMENT',
    );
  }
});

test('options are checked', limit, () => {
  const bad = [undefined, null, 5, { timeout: -1 }, { timeout: NaN }, { timeout: '5' }, { signal: {} }];
  for (const options of [...bad, { transfer: {} }, { transfer: 'x' }, { time: 5 }]) {
    assert.equal(
      codeOf(() => runInThread.with(options)),
      'ERR_ISTHMUS_INVALID_ARGUMENT',
      JSON.stringify(options),
    );
  }
  const all = { timeout: 30_000, signal: new AbortController().signal, transfer: [] };
  assert.equal(runInThread.with(all)(f.add, 1, 2), 3);
  assert.equal(runInThread.with({})(f.add, 1, 2), 3);
  assert.equal(
    runInThread.with({ timeout: undefined, signal: undefined, transfer: undefined })(f.add, 1, 2),
    3,
  );
});

test('currentSignal', limit, () => {
  assert.equal(currentSignal(), undefined);
  assert.deepEqual(call(f.hasSignal), [true, false]);
  assert.equal(call(f.signalLater), true);
});

test('a signal that is aborted already: its reason is thrown, and nothing is sent', limit, () => {
  const before = call(f.counter);
  const reason = new Error('no more');
  const { thrown } = caught(() => runInThread.with({ signal: AbortSignal.abort(reason) })(f.counter));
  assert.equal(thrown, reason);
  assert.equal(call(f.counter), before + 1);
});

test('timeout: the caller is released, the error is named, and the next call works', limit, () => {
  const before = performance.now();
  const { thrown } = caught(() => runInThread.with({ timeout: 100 })(f.sleep, 60_000));
  const ms = performance.now() - before;
  assert.ok(thrown instanceof TimeoutError);
  assert.match(thrown.message, /runInThread\(sleep\).*100 ms/);
  assert.ok(ms >= 95 && ms < 2000, `${ms} ms`);
  works();
});

test('what nothing can settle any more is told at once', limit, () => {
  // A thread without the timers of the tests before.
  assert.equal(
    codeOf(() => call(f.exit, 0)),
    'ERR_ISTHMUS_THREAD_DIED',
  );
  for (let i = 0; i < 3; i++) {
    const { thrown } = caught(() => call(f.never));
    assert.ok(thrown instanceof NeverSettlesError, String(thrown));
    assert.match(thrown.message, /^runInThread\(\) waited/);
    works();
    assert.equal(
      codeOf(() => runInThread(f.untilAborted, '/dev/null')),
      'ERR_ISTHMUS_NEVER_SETTLES',
      'it waits for its signal, but nobody will abort it',
    );
  }
});

test('timeout 0', limit, () => {
  assert.equal(
    codeOf(() => runInThread.with({ timeout: 0 })(f.sleep, 60_000)),
    'ERR_ISTHMUS_TIMEOUT',
  );
  works();
});

test('many different functions and sizes in a row: each answer is its own', limit, () => {
  for (let i = 0; i < 3000; i++) {
    const size = [0, 5, 9000, 20_000][i % 4];
    const value = { i, text: 'x'.repeat(size) };
    const back = call(i % 50 === 0 ? f.echoLater : f.echo, value);
    assert.ok(back.i === i && back.text.length === size);
  }
});

test('an idle thread’s timers run', limit, async () => {
  const shared = new SharedArrayBuffer(4);
  const ticks = new Int32Array(shared);
  call(f.tick, shared, 1);
  while (Atomics.load(ticks, 0) < 20) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a kept thread’s timers run between calls that never pause', limit, () => {
  const shared = new SharedArrayBuffer(4);
  const ticks = new Int32Array(shared);
  call(f.tick, shared, 1);
  // Nothing else can end this loop: the thread that would is this one.
  const end = performance.now() + 30_000;
  while (Atomics.load(ticks, 0) < 20) {
    call(f.add, 1, 2);
    assert.ok(performance.now() < end, `${Atomics.load(ticks, 0)} ticks in 30 s`);
  }
});
