// `timeout`, `signal`, and what is no option: the caller is released on time whatever the promise does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError, run, TimeoutError } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const never = () => new Promise(() => {});
const works = () => assert.equal(run(later(1, 'next')), 'next', 'the next call must work');

function caught(work) {
  const began = performance.now();
  try {
    return { value: work(), ms: performance.now() - began };
  } catch (error) {
    return { error, ms: performance.now() - began };
  }
}

/** Something is always due, so that only the option can end the wait. */
function busy(work) {
  const ticking = setInterval(() => {}, 20);
  try {
    return caught(work);
  } finally {
    clearInterval(ticking);
  }
}

test('timeout: the caller is released on time, the work is told, its late result is dropped', limit, () => {
  let told;
  let finished = false;
  const work = async (signal) => {
    told = signal;
    await later(400);
    finished = true;
    return 'late';
  };
  const { error, ms } = caught(() => run(work, { timeout: 100 }));
  assert.ok(error instanceof TimeoutError, String(error));
  assert.equal(error.code, 'ERR_ISTHMUS_TIMEOUT');
  assert.match(error.message, /run\(work\).*100 ms/);
  assert.ok(ms >= 99 && ms < 300, `released after ${ms} ms`);
  assert.equal(finished, false);
  assert.equal(told.aborted, true);
  assert.equal(told.reason, error);
  works();
  assert.equal(run(later(500, 'other')), 'other', 'the late result must not end a later call');
  assert.equal(finished, true, 'work that ignores its signal goes on by itself');
});

test('timeout: late rejections of dropped work are not unhandled', limit, () => {
  const unhandled = [];
  const listen = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  const work = () => later(60).then(() => Promise.reject('late'));
  assert.equal(caught(() => run(work, { timeout: 10 })).error?.code, 'ERR_ISTHMUS_TIMEOUT');
  run(later(150));
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
});

test('timeout 0: what needs no turn comes, all else is released at once', limit, () => {
  assert.equal(run(Promise.resolve(1), { timeout: 0 }), 1);
  assert.equal(
    run(
      Promise.resolve(1).then((value) => value + 1),
      { timeout: 0 },
    ),
    2,
  );
  const { error, ms } = busy(() => run(never(), { timeout: 0 }));
  assert.equal(error?.code, 'ERR_ISTHMUS_TIMEOUT');
  assert.ok(ms < 1_000, `${ms} ms`);
  works();
});

for (const timeout of [0.5, 1e9, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
  test(`timeout ${timeout} neither overflows nor fires early`, limit, () => {
    if (timeout > 1) assert.equal(run(later(30, 'in time'), { timeout }), 'in time');
    else assert.equal(busy(() => run(never(), { timeout })).error?.code, 'ERR_ISTHMUS_TIMEOUT');
  });
}

test('timeout: nested calls are each released by their own', limit, () => {
  const inner = async () => caught(() => run(never(), { timeout: 80 })).error.code;
  assert.equal(busy(() => run(later(1).then(inner), { timeout: 5_000 })).value, 'ERR_ISTHMUS_TIMEOUT');
  const { error } = busy(() =>
    run(async () => later(1).then(() => run(never(), { timeout: 200 })), { timeout: 30 }),
  );
  assert.match(error.message, /within (30|200) ms/);
  works();
});

const reasons = { undefined: undefined, 'an Error': new Error('stop'), 'a string': 'stop', null: null, 0: 0 };
for (const [title, reason] of Object.entries(reasons)) {
  test(`signal: aborted with ${title}, before and during the call`, limit, () => {
    const expected = AbortSignal.abort(reason).reason;
    const same = (error, wanted) =>
      reason === undefined ? assert.equal(error.name, expected.name) : assert.ok(Object.is(error, wanted));
    let started = false;
    const work = () => {
      started = true;
      return never();
    };
    const before = busy(() => run(work, { signal: AbortSignal.abort(reason) }));
    assert.ok('error' in before);
    same(before.error, reason);
    assert.equal(started, false, 'work whose caller has left already must not start');

    for (const abortBy of [
      (abort) => setTimeout(abort, 20),
      queueMicrotask,
      setImmediate,
      process.nextTick,
    ]) {
      const controller = new AbortController();
      abortBy(() => controller.abort(reason));
      let told;
      const noting = (signal) => {
        told = signal;
        return never();
      };
      const during = busy(() => run(noting, { signal: controller.signal }));
      assert.ok('error' in during);
      assert.ok(Object.is(during.error, controller.signal.reason), String(during.error));
      assert.equal(told.aborted, true);
      assert.equal(told.reason, during.error ?? told.reason);
      assert.ok(during.ms < 1_000, `${during.ms} ms`);
    }
    works();
  });
}

test('signal: aborted after the call, nothing happens', limit, () => {
  const controller = new AbortController();
  let told;
  const work = async (signal) => {
    told = signal;
    return later(2, 'done');
  };
  assert.equal(run(work, { signal: controller.signal }), 'done');
  controller.abort();
  works();
  assert.equal(told.aborted, false);
});

test('signal: AbortSignal.timeout and AbortSignal.any release the caller', limit, () => {
  const timed = busy(() => run(never(), { signal: AbortSignal.timeout(60) }));
  assert.equal(timed.error?.name, 'TimeoutError');
  assert.ok(timed.error instanceof DOMException);
  assert.ok(timed.ms >= 50 && timed.ms < 1_000, `${timed.ms} ms`);
  const controller = new AbortController();
  setTimeout(() => controller.abort('any'), 20);
  const signal = AbortSignal.any([AbortSignal.timeout(5_000), controller.signal]);
  assert.equal(busy(() => run(never(), { signal })).error, 'any');
  works();
});

test('signal and timeout together: whichever comes first', limit, () => {
  const timed = busy(() => run(never(), { timeout: 30, signal: AbortSignal.timeout(3_000) }));
  assert.equal(timed.error?.code, 'ERR_ISTHMUS_TIMEOUT');
  const aborted = busy(() => run(never(), { timeout: 3_000, signal: AbortSignal.timeout(30) }));
  assert.ok(aborted.error instanceof DOMException, String(aborted.error));
});

const wrong = {
  'a number': [5, /options.*not 5/],
  null: [null, /options.*not null/],
  'a string': ['fast', /options.*not "fast"/],
  'an unknown name': [{ timeOut: 5 }, /no option "timeOut".*signal, timeout/],
  'a timeout of text': [{ timeout: '5' }, /timeout is a number.*not "5"/],
  'a negative timeout': [{ timeout: -1 }, /timeout is a number.*not -1/],
  'a timeout of NaN': [{ timeout: Number.NaN }, /timeout is a number.*not NaN/],
  'a bigint timeout': [{ timeout: 5n }, /timeout is a number.*not 5n/],
  'a timeout of null': [{ timeout: null }, /timeout is a number.*not null/],
  'a controller for a signal': [{ signal: new AbortController() }, /signal must be an AbortSignal/],
  'a signal of true': [{ signal: true }, /signal must be an AbortSignal, not true/],
  'a signal that only looks like one': [{ signal: { aborted: false } }, /signal must be an AbortSignal/],
};
for (const [title, [options, message]] of Object.entries(wrong)) {
  test(`no option: ${title}`, limit, () => {
    let started = 0;
    const resource = { [Symbol.dispose ?? Symbol.for('dispose')]: () => {} };
    const calls = [() => run(() => started++, options), () => run(later(1), options)];
    for (const call of [...calls, () => run.each([], options), () => run.using(resource, options)]) {
      const { error } = caught(call);
      assert.ok(error instanceof InvalidArgumentError, String(error));
      assert.equal(error.code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
      assert.match(error.message, message);
    }
    assert.equal(started, 0, 'the work must not start');
    works();
  });
}

test('options that are given but empty change nothing', limit, () => {
  for (const options of [undefined, {}, { timeout: undefined, signal: undefined }]) {
    assert.equal(run(later(1, 'value'), options), 'value');
  }
});
