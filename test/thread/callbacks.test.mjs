// Functions among the arguments: they run on the sleeping caller, and only they do.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isMainThread } from 'node:worker_threads';
import { DeadlockError, runInThread } from 'isthmus';
import * as f from './functions.mjs';
import { call, caught, codeOf, limit } from './kit.mjs';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-callbacks-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const works = () => assert.equal(call(f.add, 1, 2), 3);

test('a callback runs here, and its value is there', limit, () => {
  const seen = [];
  const sum = call(f.sumOf, 120, (i) => {
    seen.push([i, isMainThread]);
    return i * 10;
  });
  assert.equal(sum, 71_400);
  assert.deepEqual(
    seen,
    Array.from({ length: 120 }, (_, i) => [i, true]),
  );
});

test('what a callback gives and takes: every kind, every size', limit, () => {
  const values = [undefined, null, -0, NaN, 10n, '\ud800', 'x'.repeat(100_000), [1, [2]], Buffer.from('b')];
  values.push(new Map([[1, Buffer.from('v')]]), new Date(5), { a: { b: 1 } }, new Uint8Array(200_000));
  for (const value of values) {
    for (const fn of [f.callWith, f.callLater]) {
      const seen = [];
      const back = call(
        fn,
        (...args) => {
          seen.push(...args);
          return value;
        },
        value,
        5,
      );
      assert.deepEqual([back, ...seen], [value, value, 5]);
    }
  }
  assert.ok(Buffer.isBuffer(call(f.callWith, () => Buffer.from('x'))));
});

test('what a callback throws is thrown there, whole', limit, () => {
  const error = Object.assign(new RangeError('from here', { cause: new TypeError('inner') }), {
    code: 'E_HERE',
  });
  const fails = () => {
    throw error;
  };
  assert.deepEqual(call(f.catches, fails), {
    name: 'RangeError',
    message: 'from here',
    code: 'E_HERE',
    cause: 'inner',
  });
  const { thrown } = caught(() => call(f.callLater, fails));
  assert.ok(thrown instanceof RangeError);
  assert.deepEqual([thrown.code, thrown.cause.message], ['E_HERE', 'inner']);
  for (const value of [undefined, null, 0, '', 'text']) {
    const outcome = call(f.catchesWhole, () => {
      throw value;
    });
    assert.deepEqual(outcome, { caught: value });
  }
  works();
});

test('several callbacks, also of two chains of one call', limit, () => {
  assert.deepEqual(
    call(
      f.callBoth,
      (n) => `a${n}`,
      (n) => `b${n}`,
    ),
    ['a1', 'b2', 'a3'],
  );
  const [a, b] = call(
    f.interleaved,
    (i) => `a${i}`,
    (i) => `b${i}`,
  );
  const all = (name) => Array.from({ length: 10 }, (_, i) => name + i);
  assert.deepEqual([a, b], [all('a'), all('b')]);
});

test('wherever they are in the arguments', limit, () => {
  const back = call(f.nested, {
    on: { data: (x) => `data ${x}` },
    list: [(x) => `end ${x}`],
    map: new Map([['f', (x) => `map ${x}`]]),
    set: new Set([(x) => `set ${x}`]),
  });
  assert.deepEqual(back, ['data d', 'end e', 'map f', 'set s']);
});

test('the same function is the same function there', limit, () => {
  const one = () => 1;
  assert.deepEqual(call(f.areSame, one, () => 1, { c: one }).slice(0, 1), [false]);
  assert.deepEqual(call(f.areSame, one, one, { c: one }), [true, true, 'function']);
});

test('a callback keeps its name', limit, () => {
  function onProgress() {}
  assert.deepEqual(call(f.nameAndLength, onProgress), ['onProgress', 'function']);
  assert.deepEqual(
    call(f.nameAndLength, () => {}),
    ['', 'function'],
  );
});

test('a callback whose result cannot cross: named, and the next call works', limit, () => {
  for (const [callback, path] of [
    [async () => 1, /^result is a promise/],
    [() => ({ a: Symbol('s') }), /^result\.a is a symbol/],
    [() => () => {}, /^result is a function/],
  ]) {
    const seen = call(f.catches, callback);
    assert.equal(seen.code, 'ERR_ISTHMUS_UNCLONEABLE');
    assert.match(seen.message, path);
    assert.equal(
      codeOf(() => call(f.callLater, callback)),
      'ERR_ISTHMUS_UNCLONEABLE',
    );
    works();
  }
  const throwsSymbol = () => {
    throw Object.assign(new Error('holds'), { tag: Symbol('t') });
  };
  assert.equal(call(f.catches, throwsSymbol).code, 'ERR_ISTHMUS_UNCLONEABLE');
  works();
});

test('an argument to a callback that cannot cross: named there, and the call goes on', limit, () => {
  let calls = 0;
  const { thrown } = caught(() => call(f.passSymbol, () => calls++));
  assert.equal(thrown.code, 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(thrown.path, 'args[0].s');
  assert.equal(calls, 0);
  works();
});

test('a callback after its call: CallOverError, there', limit, () => {
  call(f.keep, () => 'too late');
  assert.equal(
    codeOf(() => call(f.useKept)),
    'ERR_ISTHMUS_CALL_OVER',
  );
  // Also while another call with a callback of its own is under way, to whom the number would mean something.
  call(f.keep, () => 'of the old call');
  assert.equal(
    codeOf(() => call(f.useKept, () => 'of the new call')),
    'ERR_ISTHMUS_CALL_OVER',
  );
  works();
});

test('a callback from a timer after its call, while the caller does something else', limit, async () => {
  const file = join(folder, 'later');
  let calls = 0;
  call(f.useLater, () => calls++, 20, file);
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(readFileSync(file, 'utf8'), 'ERR_ISTHMUS_CALL_OVER');
  assert.equal(calls, 0);
});

test('a callback that calls runInThread: DeadlockError with the chain, then all works', limit, () => {
  const inner = () => call(f.add, 1, 2);
  function report() {
    return inner();
  }
  for (const fn of [f.callWith, f.callLater]) {
    const { thrown } = caught(() => call(fn, report));
    assert.equal(thrown.code, 'ERR_ISTHMUS_DEADLOCK');
    for (const part of [`runInThread(${fn.name})`, 'report', 'runInThread(add)']) {
      assert.ok(thrown.message.includes(part), thrown.message);
    }
    works();
  }
  let error;
  const handled = call(f.callWith, () => {
    error = caught(inner).thrown;
    return 'went on';
  });
  assert.equal(handled, 'went on');
  assert.ok(error instanceof DeadlockError);
  works();
});

test('a callback that throws the call’s own way out: other threads’ calls nest', limit, () => {
  assert.equal(
    call(f.passOn, (n) => n * 10),
    11,
  );
});

test('a thread that ends while a callback runs, or right after', limit, () => {
  assert.equal(
    codeOf(() => call(f.exitInCallback, () => 1)),
    'ERR_ISTHMUS_THREAD_DIED',
  );
  works();
});

test('a callback that takes longer than the timeout', limit, () => {
  const slow = () => {
    const end = performance.now() + 150;
    while (performance.now() < end);
    return 1;
  };
  const limited = runInThread.with({ timeout: 50 });
  assert.equal(
    codeOf(() => limited(f.sumOf, 1000, slow)),
    'ERR_ISTHMUS_TIMEOUT',
  );
  works();
});

test('a callback that aborts the call’s signal', limit, () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const stop = () => controller.abort(reason);
  const { thrown } = caught(() =>
    runInThread.with({ signal: controller.signal, timeout: 30_000 })(f.callLater, stop),
  );
  assert.equal(thrown?.message, 'enough');
  works();
});

test('nothing else of the caller runs while it sleeps', limit, async () => {
  const ran = [];
  const note = (name) => () => void ran.push(name);
  const promise = Promise.resolve().then(note('microtask'));
  process.nextTick(note('tick'));
  setImmediate(note('immediate'));
  setTimeout(note('timer'), 0);
  call(f.sleep, 30);
  call(f.callLater, () => assert.deepEqual(ran, []));
  assert.deepEqual(ran, []);
  await promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(ran.toSorted(), ['immediate', 'microtask', 'tick', 'timer']);
});

test('many callbacks of many sizes keep their order', limit, () => {
  let i = 0;
  const sum = call(f.sumOf, 2000, (n) => {
    assert.equal(n, i++);
    return n;
  });
  assert.equal(sum, 1_999_000);
});
