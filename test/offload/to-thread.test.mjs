// toThread: calls, results, errors, what crosses, iterations and maps.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, runInThread, toThread, UncloneableError } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as r from '../thread/reference-functions.mjs';
import * as f from './functions.mjs';
import { codeOf, limit, outcome, poolFor, words } from './kit.mjs';

const works = async () => assert.equal(await toThread(t.add, 1, 2), 3);

test('an exported function runs on another thread, and the loop goes on', limit, async () => {
  assert.equal(await toThread(t.isInThread), true);
  const free = words();
  const blocked = toThread(f.untilFree, free.memory);
  await free.reaches(1);
  let ticks = 0;
  while (ticks < 5) {
    await sleep(1);
    ticks++;
  }
  free.set(0);
  await blocked;
});

test('sync, async and thenable results', limit, async () => {
  assert.equal(await toThread(t.echoLater, 'x'), 'x');
  assert.equal(await toThread(t.thenable, 5), 5);
  assert.equal(await toThread(t.thenableNow, 5), 5);
  assert.equal(await codeOf(toThread(t.thenableFails, 'no')), 'no');
  assert.equal(await toThread(t.nothing), undefined);
});

test('many at once: each answer is its own', limit, async () => {
  const sizes = [0, 5, 3000, 9000, 40_000, 100_000];
  const values = Array.from({ length: 600 }, (_, i) => ({ i, text: 'x'.repeat(sizes[i % sizes.length]) }));
  const back = await Promise.all(
    values.map((value, i) => toThread(i % 7 === 0 ? t.echoLater : t.echo, value)),
  );
  for (const [i, value] of back.entries()) assert.ok(value.i === i && value.text === values[i].text);
});

test('what crosses: bytes, Buffers, Maps, cycles, errors, registered classes', limit, async () => {
  for (const size of [0, 1, 5000, 33_000, 1_000_000]) {
    const bytes = await toThread(t.bytes, size);
    assert.equal(bytes.length, size);
    assert.deepEqual(await toThread(t.echo, bytes), bytes);
  }
  assert.ok(Buffer.isBuffer(await toThread(t.echo, Buffer.from('x'))));
  const map = new Map([[new Date(5), new Set([1n, -0, undefined])]]);
  assert.deepEqual(await toThread(t.echo, map), map);
  const cyclic = await toThread(t.cycle);
  assert.equal(cyclic.self, cyclic);
  const money = await toThread(r.double, new r.Money(2, 'EUR'));
  assert.ok(money instanceof r.Money && money.amount === 4);
});

test('transfer moves what it names', limit, async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const back = await toThread.with({ transfer: [bytes.buffer] })(f.moved, bytes);
  assert.equal(bytes.byteLength, 0);
  assert.deepEqual([...back], [1, 2, 3]);
  assert.equal(await codeOf(toThread.with({ transfer: [{}] })(f.moved, 1)), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  await works();
});

test('a result is moved back where the function says so, by either kind of thread', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const inService = runInThread.with({ timeout: 20_000 });
  for (const call of [pool.run, async (...args) => inService(...args)]) {
    for (const size of [5, 100_000]) {
      const back = await call(f.movesBack, new Uint8Array(size).fill(3));
      assert.ok(back.length === size && back[size - 1] === 3);
      assert.equal(await call(f.wasMoved), true);
    }
    const { pixels } = await call(f.movesInside, 50_000);
    assert.ok(pixels.length === 50_000 && pixels[0] === 7);
    assert.equal(await call(f.wasMoved), true);
    for (const kind of ['text', 'object']) {
      assert.equal(
        await codeOf(Promise.resolve().then(() => call(f.movesBadly, kind))),
        'ERR_ISTHMUS_INVALID_ARGUMENT',
      );
    }
    assert.equal(
      await codeOf(Promise.resolve().then(() => call(f.movesTwice, new Uint8Array(5)))),
      'ERR_ISTHMUS_INVALID_ARGUMENT',
    );
    assert.equal(await call(t.add, 1, 2), 3);
  }
});

test('whatever is thrown arrives as it was', limit, async () => {
  for (const kind of t.reasons) {
    const here = outcome(Promise.resolve().then(() => t.fail(kind)));
    const there = await outcome(toThread(t.fail, kind));
    const { thrown } = await here;
    if (there.thrown instanceof UncloneableError) continue;
    assert.ok('thrown' in there, kind);
    assert.equal(Object.is(there.thrown, thrown) || typeof there.thrown === typeof thrown, true, kind);
    if (thrown instanceof Error) {
      assert.equal(there.thrown.message, thrown.message);
      assert.equal(there.thrown.constructor, thrown.constructor, kind);
    }
  }
  const { thrown } = await outcome(toThread(r.fail, 'quota'));
  assert.ok(thrown instanceof r.QuotaError && thrown.isQuota);
  await works();
});

async function theCaller() {
  return toThread(t.fail, 'mine');
}

test('the stack has the thread’s frames, and below them the caller’s', limit, async () => {
  const { thrown } = await outcome(theCaller());
  const [theirs, ours] = thrown.stack.split('toThread(fail)');
  assert.match(theirs, /functions\.mjs/);
  assert.match(ours, /theCaller/);
  assert.doesNotMatch(thrown.stack, /pool-worker\.js/);
});

test('what cannot be cloned is named by its path, and the pool is as good as before', limit, async () => {
  const pathOf = async (promise) => {
    const { thrown } = await outcome(promise);
    assert.ok(thrown instanceof UncloneableError, String(thrown));
    return thrown.path;
  };
  assert.equal(await pathOf(toThread(t.echo, { db: { socket: new WeakMap() } })), 'args[0].db.socket');
  assert.equal(await pathOf(toThread(t.add, 1, Symbol('x'))), 'args[1]');
  assert.equal(await pathOf(toThread(t.bad)), 'result.a[1].deep');
  assert.equal(await pathOf(toThread(t.badLater)), 'result.of');
  assert.equal(await pathOf(toThread(r.returnsSource)), 'result');
  await works();
});

test('bad functions and bad options are rejected by name', limit, async () => {
  assert.equal(await codeOf(toThread(5)), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  assert.equal(await codeOf(toThread()), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  const captured = 5;
  assert.equal(await codeOf(toThread(() => captured)), 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(await codeOf(toThread({ module: 'file:///none.mjs', name: 'x' })), 'ERR_ISTHMUS_LOAD');
  assert.equal(
    await toThread({ module: new URL('functions.mjs', import.meta.url).href, name: 'sum' }, 1, 2),
    3,
  );
  assert.equal(await toThread.with({ bySource: true })((a) => a * 2, 4), 8);
  const bad = [
    null,
    5,
    [],
    { timeout: -1 },
    { signal: {} },
    { limiter: 5 },
    { priority: 'high' },
    { transfer: {} },
    { name: 5 },
    { grace: -1 },
    { grace: true },
    { onProgress: 5 },
    { bySource: 1 },
    { limit: 5 },
  ];
  for (const options of bad) {
    assert.throws(() => toThread.with(options), InvalidArgumentError, JSON.stringify(options));
  }
  await works();
});

test('fn binds, with its options', limit, async () => {
  const add = toThread.fn(t.add);
  assert.deepEqual(await Promise.all([add(1, 2), add(3, 4)]), [3, 7]);
  const named = toThread.with({ name: 'fetching', timeout: 20 }).fn(t.sleep);
  const { thrown } = await outcome(named(10_000));
  assert.match(thrown.message, /toThread\(fetching\)/);
});

test('functions among the arguments are called on this thread, and answer by a promise', limit, async () => {
  assert.deepEqual(await toThread(f.callTwice, (n) => n * 10), [10, 20]);
  assert.deepEqual(await toThread(f.callTwice, async (n) => sleep(1, n + 1)), [2, 3]);
  const failing = () => {
    throw new RangeError('from here');
  };
  assert.deepEqual(await toThread(f.callBadly, failing), [true, 'from here']);
  assert.deepEqual(await toThread(f.callBadly, async () => failing()), [true, 'from here']);
  assert.equal(
    (await outcome(toThread(f.callTwice, () => Symbol('x')))).thrown.code,
    'ERR_ISTHMUS_UNCLONEABLE',
  );
  await toThread(f.keepCallback, () => {});
  const codes = new Set();
  for (let i = 0; i < 4; i++) codes.add(await codeOf(toThread(f.useKept)));
  assert.ok(codes.has('ERR_ISTHMUS_CALL_OVER'), [...codes].join());
});

test('signals and async iterables among the arguments are live', limit, async () => {
  const abort = new AbortController();
  const waiting = toThread(r.untilAborted, abort.signal, () => abort.abort('now'));
  assert.deepEqual(await waiting, [false, 'now']);
  const numbers = (async function* () {
    for (let i = 1; i <= 4; i++) yield i;
  })();
  assert.equal(await toThread(r.sumOf, numbers), 10);
});

test(
  'work that waits for a signal among its arguments is waited for, and nothing stays on the signal',
  limit,
  async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort('later'), 100);
    assert.equal(await toThread(f.waitsFor, abort.signal), 'later');
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i++) await toThread(r.isAborted, signal);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  },
);

test('a signal that is aborted at once is heard', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1, minimum: 1 });
  await pool.run(r.isAborted, AbortSignal.abort());
  for (let i = 0; i < 20; i++) {
    const abort = new AbortController();
    const waiting = pool.run(f.reasonOf, abort.signal);
    abort.abort(i);
    assert.equal(await waiting, i);
  }
});

test('what is called back runs in the caller’s async context', limit, async () => {
  const store = new AsyncLocalStorage();
  const seen = [];
  const source = async function* () {
    yield 1;
    seen.push(store.getStore());
  };
  await store.run('mine', async () => {
    await toThread(f.callTwice, () => seen.push(store.getStore()));
    await toThread(r.sumOf, source());
    await toThread.with({ onProgress: () => seen.push(store.getStore()) })(f.steps, 1);
  });
  assert.deepEqual(seen, Array(4).fill('mine'));
});

test('the house’s own errors lead to the caller too', limit, async () => {
  async function here(promise) {
    const { thrown } = await outcome(promise);
    assert.match(thrown.stack, /to-thread\.test\.mjs/, thrown.stack);
    assert.doesNotMatch(thrown.stack, /dist\/index\.js/, thrown.stack);
  }
  await here(toThread.with({ timeout: 20 })(t.sleep, 60_000));
  await here(toThread(t.exit, 1));
  await here(toThread(t.add, Symbol('x')));
  await here(toThread(() => {}));
  await here(toThread(t.bad));
  const burst = await Promise.all(Array.from({ length: 10 }, () => outcome(toThread(t.fail, 'mine'))));
  for (const { thrown } of burst) assert.match(thrown.stack, /to-thread\.test\.mjs/);
});

test('what cannot be put together here rejects its own call', limit, async () => {
  const isFragile = async (promise) => {
    const { thrown } = await outcome(promise);
    assert.ok(thrown instanceof RangeError && thrown.message === 'fragile', String(thrown));
  };
  await isFragile(toThread(f.fragile));
  await isFragile(toThread.each(f.fragiles).next());
  await isFragile(toThread(f.takesFragile, new f.Fragile()));
  await isFragile(toThread.with({ onProgress: () => {} })(f.reportFragile));
  await works();
});

test('an iterator as a result is refused with a hint', limit, async () => {
  for (const what of ['generator', 'iterator']) {
    const { thrown } = await outcome(toThread(f.gives, what));
    assert.match(thrown.message, /toThread\.each/);
  }
});

test('an onProgress that throws rejects its call', limit, async () => {
  const onProgress = () => {
    throw new RangeError('enough');
  };
  assert.ok((await outcome(toThread.with({ onProgress })(f.steps, 2, 5))).thrown instanceof RangeError);
  await works();
});

test('stores that are carried arrive', limit, async () => {
  const seen = await r.requestId.run('r1', () => r.user.run({ name: 'Ada' }, () => toThread(r.whose)));
  assert.deepEqual(seen, ['r1', { name: 'Ada' }]);
  assert.deepEqual(await toThread(r.whose), [undefined, undefined]);
});

test('report goes to onProgress, in order, before the result', limit, async () => {
  const seen = [];
  const onProgress = (value) => seen.push(value.done);
  assert.equal(await toThread.with({ onProgress })(f.steps, 5), 5);
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  assert.equal(await toThread(f.steps, 2), 2);
  assert.equal(await codeOf(toThread.with({ onProgress })(f.reportBad)), 'ERR_ISTHMUS_UNCLONEABLE');
});

test('what nothing can settle any more is an error', limit, async () => {
  assert.equal(await codeOf(toThread(t.never)), 'ERR_ISTHMUS_NEVER_SETTLES');
  await works();
});

test('inside a task the same calls work, and end by name where they never would', limit, async () => {
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => toThread(f.nested, i)));
  assert.deepEqual(
    all,
    all.map((_, i) => (i + 1) * 2),
  );
  assert.equal(await codeOf(toThread(f.endless)), 'ERR_ISTHMUS_TOO_DEEP');
  await works();
});

// Iterations ------------------------------------------------------------------------------------------------------------

test('each iterates sync and async sources, to their end or to a break', limit, async () => {
  const seen = [];
  for await (const value of toThread.each(f.numbers, 50)) seen.push(value);
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, i) => i),
  );
  const slow = [];
  for await (const { i } of toThread.each(f.slowly, 5, 1)) slow.push(i);
  assert.deepEqual(slow, [0, 1, 2, 3, 4]);
  const iterator = toThread.each(f.numbers, 0);
  assert.deepEqual(await iterator.next(), { done: true, value: 'the end' });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test('each is at most so many values ahead, and leaving closes the source', limit, async (scope) => {
  // Of one worker, so that it is the one that is asked afterwards.
  const pool = poolFor(scope, { size: 1 });
  let count = 0;
  for await (const value of pool.each(f.numbers, 1e9)) {
    assert.equal(value, count);
    if (++count === 20) break;
  }
  const made = [];
  for (let i = 0; i < 6; i++) made.push(await pool.run(f.counts));
  const most = Math.max(...made.map(({ made }) => made));
  assert.ok(most >= 20 && most < 120, `${most} were made`);
  assert.ok(made.some(({ closed }) => closed > 0));
});

test('each rejects with what the source throws, and by name what is no source', limit, async () => {
  const seen = [];
  const { thrown } = await outcome(
    (async () => {
      for await (const value of toThread.each(f.breaks)) seen.push(value);
    })(),
  );
  assert.ok(thrown instanceof RangeError);
  assert.deepEqual(seen, [1]);
  assert.equal(await codeOf(toThread.each(t.add, 1, 2).next()), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  assert.equal(await codeOf(toThread.each(5).next()), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  await works();
});

test('each that is never begun, or left before it is, runs nothing', limit, async () => {
  const iterator = toThread.each(f.numbers, 5);
  assert.deepEqual(await iterator.return('x'), { done: true, value: 'x' });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test('map keeps the order, or does not, and bounds what runs at once', limit, async () => {
  const inputs = Array.from({ length: 12 }, (_, i) => i);
  const ordered = [];
  for await (const value of toThread.map(f.halve, inputs, { concurrency: 3 })) ordered.push(value);
  assert.deepEqual(
    ordered,
    inputs.map((n) => n / 2),
  );
  const progress = [];
  const any = [];
  const onProgress = (done, of) => progress.push([done, of]);
  for await (const value of toThread.map(f.halve, inputs, { ordered: false, onProgress })) any.push(value);
  assert.deepEqual(
    any.sort((a, b) => a - b),
    ordered,
  );
  assert.deepEqual(progress.at(-1), [12, 12]);
});

test('map takes what is iterable, text too', limit, async () => {
  const seen = [];
  for await (const value of toThread.map(t.echo, 'abc')) seen.push(value);
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('map reads an async iterable no faster than its results are taken', limit, async () => {
  let read = 0;
  let closed = false;
  const endless = (async function* () {
    try {
      for (;;) yield read++;
    } finally {
      closed = true;
    }
  })();
  const results = [];
  for await (const value of toThread.map(t.echo, endless, { concurrency: 2 })) {
    results.push(value);
    if (results.length === 5) break;
  }
  assert.deepEqual(results, [0, 1, 2, 3, 4]);
  assert.ok(read <= 8, `${read} were read`);
  assert.ok(closed);
});

test('map ends with the first error, and gives up the rest', limit, async () => {
  const inputs = Array.from({ length: 40 }, (_, i) => i);
  const seen = [];
  const { thrown } = await outcome(
    (async () => {
      for await (const value of toThread.map(f.halve, inputs, { concurrency: 4 })) seen.push(value);
    })(),
  );
  assert.ok(thrown instanceof RangeError);
  assert.equal(seen.length, 13);
  for (const args of [
    [t.echo, 5],
    [t.echo, [], { concurrency: 0 }],
    [t.echo, [], { ordered: 1 }],
    [t.echo, [], { onProgress: 1 }],
    [t.echo, [], null],
    [t.echo, [], { concurrent: 1 }],
  ]) {
    assert.throws(() => toThread.map(...args), InvalidArgumentError);
  }
  await works();
});
