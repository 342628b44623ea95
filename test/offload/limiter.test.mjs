// Limiters: how many tasks of a kind run at once, places that are kept for one kind, and calls inside calls.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeadlockError, InvalidArgumentError, Limiter } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import * as host from './host.mjs';
import { codeOf, limit, outcome, poolFor, until, words } from './kit.mjs';

const works = async (pool) => assert.equal(await pool.run(t.add, 1, 2), 3);
const isFree = (limiter) => assert.deepEqual([limiter.stats().used, limiter.stats().waiting], [0, 0]);

test('a limiter caps what runs at once, first in, first out, and shows its state', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const disk = new Limiter(2, { name: 'disk' });
  const free = words();
  const order = [];
  const limited = pool.with({ limiter: disk }).run;
  const blocked = [0, 1, 2, 3].map((i) => limited(f.untilFree, free.memory, 0, i).then((n) => order.push(n)));
  await free.reaches(1, 2);
  assert.deepEqual(disk.stats(), { name: 'disk', most: 2, reserved: 0, used: 2, waiting: 2 });
  await works(pool);
  assert.equal(free.read(1), 2, 'no third one began');
  free.set(0);
  await Promise.all(blocked);
  assert.deepEqual(disk.stats(), { name: 'disk', most: 2, reserved: 0, used: 0, waiting: 0 });
  assert.deepEqual(order.sort(), [0, 1, 2, 3]);
});

test('a limiter counts a task that was given up until its work has ended', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const one = new Limiter(1);
  const free = words();
  const abort = new AbortController();
  const left = codeOf(
    pool.with({ limiter: one, signal: abort.signal, grace: false }).run(f.untilFree, free.memory),
  );
  await free.reaches(1);
  abort.abort('left');
  assert.equal(await left, 'left');
  const next = pool.with({ limiter: one }).run(t.add, 1, 2);
  await works(pool);
  assert.deepEqual([one.stats().used, one.stats().waiting], [1, 1]);
  free.set(0);
  assert.equal(await next, 3);
  assert.equal(one.stats().used, 0);
});

test('a task that waits for its limiter can be given up', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const one = new Limiter(1);
  const free = words();
  const blocked = pool.with({ limiter: one }).run(f.untilFree, free.memory);
  await free.reaches(1);
  assert.equal(
    await codeOf(pool.with({ limiter: one, timeout: 20 }).run(t.add, 1, 2)),
    'ERR_ISTHMUS_TIMEOUT',
  );
  assert.equal(one.stats().waiting, 0);
  free.set(0);
  await blocked;
  assert.equal(await pool.with({ limiter: one }).run(t.add, 1, 2), 3);
});

test('a Limiter’s most is checked', () => {
  for (const args of [
    [0],
    [-1],
    ['2'],
    [Number.NaN],
    [],
    [1.5],
    [1, null],
    [1, { nam: 'x' }],
    [1, { name: 5 }],
  ]) {
    assert.throws(() => new Limiter(...args), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' }, JSON.stringify(args));
  }
});

test('many that wait and cannot be sent leave one after the other', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const one = new Limiter(1);
  const free = words();
  const blocked = pool.with({ limiter: one }).run(f.untilFree, free.memory);
  await free.reaches(1);
  const bad = Array.from({ length: 20_000 }, () =>
    codeOf(pool.with({ limiter: one }).run(t.echo, Symbol('x'))),
  );
  free.set(0);
  assert.deepEqual(new Set(await Promise.all(bad)), new Set(['ERR_ISTHMUS_UNCLONEABLE']));
  await blocked;
  isFree(one);
});

// One kind of calls and another -----------------------------------------------------------------------------------------

test('40 long calls with a limiter of their own starve nobody', limit, async (scope) => {
  const pool = poolFor(scope, { size: 3 });
  const slow = new Limiter(2, { name: 'slow' });
  const free = words();
  const long = Array.from({ length: 40 }, () => pool.with({ limiter: slow }).run(f.untilFree, free.memory));
  await free.reaches(1, 2);
  for (let i = 0; i < 100; i++) await works(pool);
  assert.deepEqual([slow.stats().used, slow.stats().waiting], [2, 38]);
  free.set(0);
  await Promise.all(long);
  isFree(slow);
});

test('reserved places are there whatever the others do', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const disk = new Limiter(3, { name: 'disk' });
  const answers = disk.reserve(1, { name: 'answers' });
  const free = words();
  const long = Array.from({ length: 40 }, () => pool.with({ limiter: disk }).run(f.untilFree, free.memory));
  await free.reaches(1, 2);
  assert.deepEqual(disk.stats(), { name: 'disk', most: 3, reserved: 1, used: 2, waiting: 38 });
  const quick = pool.with({ limiter: answers });
  assert.equal((await Promise.all(Array.from({ length: 50 }, () => quick.run(t.add, 1, 2)))).length, 50);
  assert.equal(free.read(1), 2, 'no third one began');
  assert.deepEqual(answers.stats(), { name: 'answers', most: 3, reserved: 1, used: 0, waiting: 0 });
  free.set(0);
  await Promise.all(long);
  isFree(disk);
});

test(
  'whoever has reserved places may take the others too, and all together are capped',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 6 });
    const disk = new Limiter(4);
    const answers = disk.reserve(2);
    const free = words();
    const order = [];
    const call = (limiter, name) =>
      pool
        .with({ limiter })
        .run(f.untilFree, free.memory, 0, name)
        .then((value) => order.push(value));
    const first = Array.from({ length: 5 }, (_, i) => call(answers, `a${i}`));
    await free.reaches(1, 4);
    const second = [call(disk, 'd0'), call(answers, 'a5'), call(disk, 'd1')];
    assert.deepEqual([disk.stats().used, disk.stats().waiting, answers.stats().waiting], [4, 2, 2]);
    await works(pool);
    assert.equal(free.read(1), 4, 'no fifth one began');
    free.set(0);
    await Promise.all([...first, ...second]);
    assert.equal(order.length, 8);
    isFree(disk);
    isFree(answers);
  },
);

test('places that are reserved while all are taken are kept from then on', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const disk = new Limiter(2);
  const [first, second] = [words(), words()];
  const with0 = pool.with({ limiter: disk });
  const all = [first, second].map(({ memory }) => with0.run(f.untilFree, memory));
  await Promise.all([first.reaches(1), second.reaches(1)]);
  const answers = disk.reserve(1);
  const quick = pool.with({ limiter: answers }).run(t.add, 1, 2);
  const next = with0.run(f.where);
  await works(pool);
  assert.deepEqual([disk.stats().waiting, answers.stats().waiting], [1, 1], 'never more than two');
  first.set(0);
  assert.equal(await quick, 3);
  assert.deepEqual([disk.stats().used, disk.stats().waiting], [1, 1]);
  second.set(0);
  await Promise.all([...all, next]);
  isFree(disk);
});

test('reserve checks what it is given, and leaves a place for everybody', () => {
  const disk = new Limiter(4);
  for (const args of [[], [0], [-1], [1.5], ['2'], [4], [1, null], [1, { nam: 'x' }], [1, { name: 5 }]]) {
    assert.throws(() => disk.reserve(...args), InvalidArgumentError, JSON.stringify(args));
  }
  const part = disk.reserve(2);
  assert.throws(() => disk.reserve(2), /takes a whole number from 1 to 1/);
  assert.throws(() => part.reserve(1), InvalidArgumentError);
  disk.reserve(1);
  assert.throws(() => disk.reserve(1), /has no place to reserve/);
  assert.throws(() => new Limiter(1).reserve(1), /has no place to reserve/);
  assert.equal(new Limiter(Number.POSITIVE_INFINITY).reserve(5).stats().reserved, 5);
});

// Calls inside calls ----------------------------------------------------------------------------------------------------

/** What the functions of host.mjs call the pool by. */
function callsBy(scope, calls) {
  host.setPool(calls);
  scope.after(() => host.setPool(undefined));
}

test('workers that call back into the same full limiter go on', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  for (const most of [1, 2]) {
    const limiter = new Limiter(most);
    const limited = pool.with({ limiter });
    callsBy(scope, limited);
    const all = await Promise.all(Array.from({ length: 30 }, (_, i) => limited.run(f.asksPool, i)));
    assert.deepEqual(
      all,
      all.map((_, i) => i + 1),
    );
    isFree(limiter);
  }
});

test('at any depth', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const limiter = new Limiter(1);
  const limited = pool.with({ limiter });
  callsBy(scope, limited);
  assert.equal(await limited.run(f.asksDown, 10), 10);
  isFree(limiter);
});

test('through a task between that has no limiter', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const limiter = new Limiter(1);
  callsBy(scope, { run: (fn, n) => (n % 2 === 0 ? pool : pool.with({ limiter })).run(fn, n) });
  assert.equal(await pool.with({ limiter }).run(f.asksDown, 5), 5);
  isFree(limiter);
});

test('from a callback and from a source among the arguments too', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const limiter = new Limiter(1);
  const { run } = pool.with({ limiter });
  assert.deepEqual(await run(f.callTwice, (n) => run(t.add, n, 1)), [2, 3]);
  const source = async function* () {
    for (let i = 0; i < 3; i++) yield run(t.add, i, 1);
  };
  assert.equal(await run(f.sumUp, source()), 6);
  isFree(limiter);
});

test('a place is lent to one at a time', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const limiter = new Limiter(1);
  const { run } = pool.with({ limiter });
  const gauge = words();
  const work = async () => Promise.all(Array.from({ length: 6 }, () => run(f.overlaps, gauge.memory)));
  await run(f.callOnce, async () => void (await work()));
  assert.equal(gauge.read(1), 1, 'the most at once');
  isFree(limiter);
});

test('who is in a lent place when the lender goes on is counted', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const limiter = new Limiter(1);
  const { run } = pool.with({ limiter });
  const [inner, outer] = [words(), words()];
  let left;
  const lender = run(f.callThenWait, outer.memory, () => {
    left = run(f.untilFree, inner.memory);
  });
  await Promise.all([outer.reaches(1), inner.reaches(1)]);
  await until(() => limiter.stats().used === 2);
  const next = run(t.add, 1, 2);
  outer.set(0);
  await lender;
  assert.deepEqual([limiter.stats().used, limiter.stats().waiting], [1, 1]);
  inner.set(0);
  await left;
  assert.equal(await next, 3);
  isFree(limiter);
});

test('a lender that is given up leaves its place to whom it was lent', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const limiter = new Limiter(1);
  const inner = words();
  const abort = new AbortController();
  const { run } = pool.with({ limiter });
  let guest;
  const lender = codeOf(
    pool.with({ limiter, signal: abort.signal }).run(f.callOnce, () => {
      guest = run(f.untilFree, inner.memory);
      return guest;
    }),
  );
  await inner.reaches(1);
  abort.abort('left');
  assert.equal(await lender, 'left');
  const next = run(t.add, 1, 2);
  await until(() => pool.stats().abandoned === 0);
  assert.deepEqual([limiter.stats().used, limiter.stats().waiting], [1, 1]);
  inner.set(0);
  await guest;
  assert.equal(await next, 3);
  isFree(limiter);
});

test('a call inside a call can be given up while it waits', limit, async (scope) => {
  const pool = poolFor(scope, { size: 3 });
  const limiter = new Limiter(1);
  const { run } = pool.with({ limiter });
  const inner = words();
  const codes = await run(f.callOnce, async () => {
    const first = run(f.untilFree, inner.memory);
    await inner.reaches(1);
    const late = await codeOf(pool.with({ limiter, timeout: 20 }).run(t.add, 1, 2));
    inner.set(0);
    await first;
    return [late, await run(t.add, 1, 2)];
  });
  assert.deepEqual(codes, ['ERR_ISTHMUS_TIMEOUT', 3]);
  isFree(limiter);
});

test(
  'two limiters that are taken inside one another the other way round: a named error, and all go on',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 4 });
    const [disk, net] = [new Limiter(1, { name: 'disk' }), new Limiter(1, { name: 'net' })];
    const both = words();
    const across = (mine, other) =>
      outcome(
        pool.with({ limiter: mine }).run(f.callOnce, async () => {
          Atomics.add(new Int32Array(both.memory), 0, 1);
          await both.reaches(0, 2);
          return pool.with({ limiter: other }).run(t.add, 1, 2);
        }),
      );
    const outcomes = await Promise.all([across(disk, net), across(net, disk)]);
    const [{ thrown }] = outcomes.filter((each) => 'thrown' in each);
    assert.ok(thrown instanceof DeadlockError, String(thrown));
    assert.match(thrown.message, /run\(add\) would wait for ever: every place of its limiter "(disk|net)"/);
    assert.deepEqual(
      outcomes.filter((each) => 'value' in each),
      [{ value: 3 }],
    );
    isFree(disk);
    isFree(net);
  },
);

test(
  'many that wait for each other: enough of them are refused, at once, for the others to go on',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 16 });
    const [disk, net] = [new Limiter(8), new Limiter(8)];
    const all = words();
    const across = (mine, other) =>
      codeOf(
        pool.with({ limiter: mine }).run(f.callOnce, async () => {
          Atomics.add(new Int32Array(all.memory), 0, 1);
          await all.reaches(0, 16);
          return pool.with({ limiter: other }).run(t.nothing);
        }),
      );
    const codes = await Promise.all(
      Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? across(disk, net) : across(net, disk))),
    );
    const refused = codes.filter((code) => code === 'ERR_ISTHMUS_DEADLOCK').length;
    assert.ok(refused >= 1 && refused < 16, `${refused} were refused`);
    assert.equal(
      codes.filter((code) => code.value === undefined && typeof code === 'object').length,
      16 - refused,
    );
    isFree(disk);
    isFree(net);
  },
);

test('no such error while somebody may still end', limit, async (scope) => {
  const pool = poolFor(scope, { size: 4 });
  const [disk, net] = [new Limiter(1), new Limiter(2)];
  const free = words();
  const busy = pool.with({ limiter: net }).run(f.untilFree, free.memory);
  await free.reaches(1);
  const both = words();
  const across = (mine, other) =>
    pool.with({ limiter: mine }).run(f.callOnce, async () => {
      Atomics.add(new Int32Array(both.memory), 0, 1);
      await both.reaches(0, 2);
      return pool.with({ limiter: other }).run(t.add, 1, 2);
    });
  const all = [across(disk, net), across(net, disk)];
  await until(() => disk.stats().waiting + net.stats().waiting === 2);
  free.set(0);
  assert.deepEqual(await Promise.all(all), [3, 3]);
  await busy;
  isFree(disk);
  isFree(net);
});
