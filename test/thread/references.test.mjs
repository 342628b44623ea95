// What is not cloned: sources, signals, iterations, instances of registered classes, and stores that are carried.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CallOverError,
  carry,
  InvalidArgumentError,
  registerClass,
  runInThread,
  TimeoutError,
  UncloneableError,
} from 'isthmus';
import { call, caught, codeOf, limit } from './kit.mjs';
import * as f from './reference-functions.mjs';

const works = () => assert.deepEqual([...call.each(f.count, 2)], [0, 1]);

async function* numbers(n, log = []) {
  try {
    for (let i = 1; i <= n; i++) {
      log.push(i);
      await sleep(1);
      yield i;
    }
  } finally {
    log.push('closed');
  }
}

// Sources among the arguments ------------------------------------------------------------------------------------------

test('an async iterable is iterated from the other side, step by step', limit, async () => {
  const log = [];
  assert.equal(call(f.sumOf, numbers(5, log)), 15);
  assert.deepEqual(log, [1, 2, 3, 4, 5, 'closed']);
  const early = [];
  assert.deepEqual(call(f.firstOf, numbers(9, early), 2), [1, 2]);
  assert.deepEqual(early, [1, 2, 'closed'], 'nothing is read ahead, and leaving closes the source');
  const left = [];
  call(f.keepSource, numbers(9, left), true);
  for (let i = 0; i < 100 && left.length < 2; i++) await sleep(1);
  assert.deepEqual(left, [1, 'closed'], 'a source whose call is over is left');
  assert.equal(call(f.sumOf, { [Symbol.asyncIterator]: () => numbers(3) }), 6, 'a plain object that is one');
  assert.deepEqual(call(f.both, numbers(3), numbers(4)), [6, 10]);
});

test("the other thread's loop goes on while a step is waited for", limit, () => {
  const slow = (async function* () {
    await sleep(200);
    yield 1;
  })();
  assert.ok(call(f.ticksDuring, slow) > 5);
});

test('what a source throws, and what is thrown into it, crosses', limit, () => {
  const failing = (async function* () {
    yield 1;
    throw Object.assign(new TypeError('here'), { code: 'E_HERE' });
  })();
  const { thrown } = caught(() => call(f.sumOf, failing));
  assert.deepEqual([thrown.constructor, thrown.message, thrown.code], [TypeError, 'here', 'E_HERE']);
  const catching = (async function* () {
    try {
      yield 1;
    } catch (error) {
      yield `caught ${error.name} ${error.message}`;
    }
  })();
  assert.equal(call(f.throwInto, catching), 'caught RangeError into');
  works();
});

test('a source is over with its call; a bad one and a bad step are named', limit, () => {
  call(f.keepSource, numbers(3));
  assert.ok(caught(() => call(f.nextOfKept)).thrown instanceof CallOverError);
  const bad = { [Symbol.asyncIterator]: () => ({}) };
  assert.equal(
    codeOf(() => call(f.sumOf, bad)),
    'ERR_ISTHMUS_INVALID_ARGUMENT',
  );
  const unsendable = (async function* () {
    yield { deep: Symbol('s') };
  })();
  assert.equal(
    codeOf(() => call(f.sumOf, unsendable)),
    'ERR_ISTHMUS_UNCLONEABLE',
  );
  works();
});

test('a timeout ends a call whose source takes too long', limit, () => {
  const never = (async function* () {
    await sleep(60_000);
    yield 1;
  })();
  assert.ok(caught(() => runInThread.with({ timeout: 100 })(f.sumOf, never)).thrown instanceof TimeoutError);
  works();
});

// Signals --------------------------------------------------------------------------------------------------------------

test('a signal is one on the other side, with its reason', limit, () => {
  const controller = new AbortController();
  assert.deepEqual(call(f.isAborted, controller.signal), [false, undefined]);
  assert.equal(call(f.instanceOfSignal, { signal: controller.signal }), true);
  const reason = Object.assign(new RangeError('enough'), { code: 'E_ENOUGH' });
  const [now, given] = call(f.untilAborted, controller.signal, () => controller.abort(reason));
  assert.equal(now, true, 'it is aborted when the callback returns');
  assert.deepEqual([given.constructor, given.message, given.code], [RangeError, 'enough', 'E_ENOUGH']);
  const [aborted, again] = call(f.isAborted, controller.signal);
  assert.deepEqual([aborted, again.message], [true, 'enough']);
  const [, plain] = call(f.isAborted, AbortSignal.abort());
  assert.equal(plain.name, 'AbortError');
});

// runInThread.each -----------------------------------------------------------------------------------------------------

test('each: lazy, and leaving the loop reaches the source', limit, () => {
  assert.deepEqual([...call.each(f.count, 4)], [0, 1, 2, 3]);
  assert.equal(call(f.openNow), 0);
  for (const n of call.each(f.count, Number.POSITIVE_INFINITY)) if (n === 3) break;
  assert.equal(call(f.openNow), 0);
  const iterator = call.each(f.count, 2);
  assert.deepEqual(iterator.next(), { done: false, value: 0 });
  assert.equal(call(f.openNow), 1);
  assert.deepEqual(iterator.return('mine'), { done: true, value: 'mine' });
  assert.equal(call(f.openNow), 0);
  assert.deepEqual(iterator.next(), { done: true, value: undefined });
  assert.deepEqual(
    [...call.each(f.count, 1)].concat(caught(() => [...call.each(f.count, 2)]).value),
    [0, 0, 1],
  );
});

test('each: sync iterables, lists of promises, and what a function gives later', limit, () => {
  assert.deepEqual([...call.each(f.countSync, 3)], [0, 1, 2]);
  assert.deepEqual([...call.each(f.listOf, 3)], [0, 1, 2]);
  assert.deepEqual([...call.each(f.returnsSource)], [0, 1, 2]);
  assert.deepEqual(
    [...call.each({ module: import.meta.resolve('./reference-functions.mjs'), name: 'count' }, 1)],
    [0],
  );
});

test('each: next(value), throw(), and the value that is returned', limit, () => {
  const steps = call.each(f.echoes);
  assert.equal(steps.next().value, 'first');
  assert.equal(steps.next({ a: [1] }).value.a[0], 1);
  assert.equal(steps.throw(new Error('into')).value, 'caught into');
  steps[Symbol.dispose]();
  assert.equal(steps.next().done, true);
  const counted = call.each(f.count, 1);
  counted.next();
  assert.deepEqual(counted.next(), { done: true, value: 'end' });
});

test('each: callbacks work in every step, and errors are those of the source', limit, () => {
  assert.deepEqual([...call.each(f.count, 3, (i) => i * 10)], [0, 10, 20]);
  const failing = call.each(f.fails);
  assert.equal(failing.next().value, 1);
  assert.ok(caught(() => failing.next()).thrown instanceof TypeError);
  assert.equal(failing.next().done, true);
  assert.equal(
    codeOf(() => call.each(f.noSource)),
    'ERR_ISTHMUS_INVALID_ARGUMENT',
  );
  works();
});

test('each: a timeout is for one step, and tells the work', limit, () => {
  const steps = runInThread.with({ timeout: 200 }).each(f.slow);
  assert.equal(steps.next().value, 0);
  assert.ok(caught(() => steps.next()).thrown instanceof TimeoutError);
  works();
});

test('each: objects that are no plain data are handles', limit, () => {
  const [plain, cell] = [...call.each(f.objects)];
  assert.deepEqual(plain, { plain: true });
  assert.equal(cell.get(), 5);
});

test('an async iterable as a result is refused, and the error says what to write', limit, () => {
  const { thrown } = caught(() => call(f.count, 3));
  assert.ok(thrown instanceof UncloneableError);
  assert.match(thrown.message, /runInThread\.each/);
  works();
});

// Classes --------------------------------------------------------------------------------------------------------------

test(
  'instances of registered classes cross as themselves, in both directions and inside other values',
  limit,
  () => {
    const back = call(f.double, new f.Money(2, 'EUR'));
    assert.ok(back instanceof f.Money);
    assert.equal(String(back), '4 EUR');
    assert.equal(call(f.isMoney, new f.Money(1, 'CHF')), '1 CHF');
    assert.equal(call(f.reverse, new f.Secret('abc')).text, 'cba');
  },
);

test('an error has its class again: one of the module of the function, or a registered one', limit, () => {
  const thrownBy = (kind) => caught(() => call(f.fail, kind)).thrown;
  const named = thrownBy('named');
  assert.ok(named instanceof f.NamedError);
  assert.equal(named.message, 'named');
  const hidden = thrownBy('hidden');
  assert.deepEqual([hidden.constructor, hidden.message], [Error, 'hidden']);
  const quota = thrownBy('quota');
  assert.deepEqual([quota instanceof RangeError, quota.message, quota.left], [true, '3 left', 3]);
  assert.ok(quota instanceof f.QuotaError);
  assert.equal(quota.isQuota, true);
  assert.ok(thrownBy('sub') instanceof f.SubError);
});

test(
  'the class of an error on its way to the thread: that of a module that both sides have loaded',
  limit,
  () => {
    const thrower = (error) => () => {
      throw error;
    };
    const there = (error) => call(f.quotaOf, thrower(error), error);
    assert.deepEqual(there(new f.QuotaError(3)), [true, 3, true, 'QuotaError']);
    assert.deepEqual(there(new f.SubError(4)), [true, 4, true, 'SubError']);
    class Local extends f.QuotaError {}
    assert.deepEqual(there(new Local(5)), [false, 5, false, 'RangeError']);
    assert.deepEqual(there(Object.assign(new RangeError('x'), { left: 6 })), [false, 6, false, 'RangeError']);
  },
);

test('registerClass: bad input', limit, () => {
  const bad = (...args) =>
    assert.ok(caught(() => registerClass(...args)).thrown instanceof InvalidArgumentError);
  bad(5);
  bad(() => {});
  bad(class {});
  bad(class Money {}, { name: 'test Money' });
  bad(f.Money, { encode: 5 });
  bad(f.Money, null);
  registerClass(f.Money, { name: 'test Money' });
});

// Context --------------------------------------------------------------------------------------------------------------

test('stores that are carried arrive, each call with its own', limit, () => {
  assert.deepEqual(call(f.whose), [undefined, undefined]);
  const inside = f.requestId.run('r1', () => f.user.run({ name: 'ada' }, () => call(f.whose)));
  assert.deepEqual(inside, ['r1', { name: 'ada' }]);
  assert.deepEqual(
    f.requestId.run('r2', () => call(f.whose)),
    ['r2', undefined],
  );
  assert.deepEqual(call(f.whose), [undefined, undefined]);
  const { thrown } = caught(() => f.user.run({ db: { socket: Symbol('s') } }, () => call(f.whose)));
  assert.ok(thrown instanceof UncloneableError, String(thrown));
  assert.equal(thrown.path, 'context["test user"].db.socket');
  const seen = [];
  f.user.run({ log: (line) => seen.push(line) }, () => call(f.logs));
  assert.deepEqual(seen, ['from there'], 'a function in a store is called back like any other');
  works();
});

test('carry: bad input', limit, () => {
  const bad = (...args) => assert.ok(caught(() => carry(...args)).thrown instanceof InvalidArgumentError);
  bad('', new AsyncLocalStorage());
  bad(5, new AsyncLocalStorage());
  bad('x', {});
  bad('x');
  bad('test user', new AsyncLocalStorage());
  assert.equal(carry('test user', f.user), f.user);
});

// By source ------------------------------------------------------------------------------------------------------------

test('a self-contained function is sent by its source, when asked for', limit, () => {
  const sent = runInThread.with({ timeout: 20_000, bySource: true });
  const outer = 5;
  assert.equal(
    sent(
      async (a, b) => {
        const { threadId } = await import('node:worker_threads');
        return a + b + (threadId > 0 ? 100 : 0);
      },
      1,
      2,
    ),
    103,
  );
  const local = (n) => n + 1;
  for (let i = 0; i < 3; i++) assert.equal(sent(local, i), i + 1);
  assert.deepEqual(
    [
      ...sent.each(function* (n) {
        for (let i = 0; i < n; i++) yield i;
      }, 2),
    ],
    [0, 1],
  );
  const { thrown } = caught(() => sent(() => outer));
  assert.equal(thrown.code, 'ERR_ISTHMUS_NO_ADDRESS');
  assert.match(thrown.message, /captures outer/);
  const accessors = Object.getOwnPropertyDescriptor(
    {
      get five() {
        return 5;
      },
      set five(_) {},
    },
    'five',
  );
  for (const fn of [accessors.get, accessors.set]) {
    assert.match(caught(() => sent(fn)).thrown.message, /getter or setter/);
  }
  assert.equal(sent({ get: (n) => n + 1 }.get, 1), 2);
  assert.equal(
    sent(
      {
        get(n) {
          return n + 2;
        },
      }.get,
      1,
    ),
    3,
  );
  assert.equal(
    codeOf(() => sent({ module: 'x', name: 'y' })),
    'ERR_ISTHMUS_INVALID_ARGUMENT',
  );
  assert.equal(
    codeOf(() => runInThread.with({ bySource: 'yes' })),
    'ERR_ISTHMUS_INVALID_ARGUMENT',
  );
  assert.equal(
    codeOf(() => call(local, 1)),
    'ERR_ISTHMUS_NO_ADDRESS',
    'only when asked for',
  );
});
