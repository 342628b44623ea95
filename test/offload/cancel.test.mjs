// Timeouts and signals: the caller is released at once, the work is told, and ended after a while.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool, TimeoutError, toThread } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import { codeOf, limit, outcome, poolFor, until, words } from './kit.mjs';

const works = async (pool = toThread) => assert.equal(await (pool.run ?? pool)(t.add, 1, 2), 3);

test('timeout: the caller is rejected in time, by name', limit, async () => {
  const { thrown } = await outcome(toThread.with({ timeout: 30, name: 'slow' })(t.sleep, 60_000));
  assert.ok(thrown instanceof TimeoutError);
  assert.match(thrown.message, /toThread\(slow\) did not finish within 30 ms/);
  await works();
});

test('a signal that is aborted already: nothing is sent', limit, async () => {
  const pool = createPool();
  const signal = AbortSignal.abort('no');
  assert.equal(await codeOf(pool.with({ signal }).run(t.add, 1, 2)), 'no');
  assert.equal(pool.stats().started, 0);
  await pool.destroy();
});

test('work that listens to its signal is told the reason, and its worker goes on', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const abort = new AbortController();
  const running = outcome(
    pool.with({ signal: abort.signal, grace: 30_000 }).run(f.untilSignal, shared.memory),
  );
  await shared.reaches(0);
  const reason = new Error('enough');
  abort.abort(reason);
  assert.equal((await running).thrown, reason);
  await shared.reaches(1);
  assert.equal(shared.read(1), 1, 'it had the reason');
  await until(() => pool.stats().running === 0);
  await works(pool);
  const { started, deaths } = pool.stats();
  assert.deepEqual(deaths, { exit: 0, error: 0, memory: 0, signal: 0, 'given up': 0 });
  assert.equal(started, 1, 'it has ended by itself, long before its grace: nobody had to get ready');
});

test('a sync loop that looks is told in the middle of it', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const abort = new AbortController();
  const running = outcome(
    pool.with({ signal: abort.signal, grace: false }).run(f.untilCancelled, shared.memory),
  );
  await shared.reaches(0);
  abort.abort();
  assert.equal((await running).thrown.name, 'AbortError');
  await shared.reaches(1);
  await works(pool);
});

test('one that does not is ended after its grace, and a spare takes over', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const abort = new AbortController();
  const running = outcome(pool.with({ signal: abort.signal, grace: 100 }).run(f.deaf, shared.memory));
  await shared.reaches(0);
  abort.abort('enough');
  assert.equal((await running).thrown, 'enough');
  assert.deepEqual([pool.stats().running, pool.stats().abandoned], [1, 1]);
  await works(pool);
  const { abandoned, deaths, workers, started } = pool.stats();
  assert.deepEqual([abandoned, deaths['given up'], workers.length, started], [0, 1, 1, 2]);
});

test('grace 0 ends it at once', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const abort = new AbortController();
  const running = outcome(pool.with({ signal: abort.signal, grace: 0 }).run(f.deaf, shared.memory));
  await shared.reaches(0);
  abort.abort('now');
  assert.equal((await running).thrown, 'now');
  await works(pool);
});

test('a worker that was given up counts until it is dead', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const gate = words(16);
  const most = [];
  const tasks = Array.from({ length: 8 }, async () => {
    const abort = new AbortController();
    const shared = words();
    const running = outcome(pool.with({ signal: abort.signal, grace: 30 }).run(f.deaf, shared.memory));
    await shared.reaches(0);
    most.push(pool.stats().running);
    abort.abort('enough');
    return running;
  });
  for (const { thrown } of await Promise.all(tasks)) assert.equal(thrown, 'enough');
  assert.ok(Math.max(...most) <= 2, most.join());
  await works(pool);
  gate.set(0);
});

test(
  'a task that waits, or is on the board and not taken, is dropped and never runs',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 1 });
    const free = words();
    const blocked = pool.run(f.untilFree, free.memory);
    await free.reaches(1);
    const abort = new AbortController();
    const ran = words();
    const waiting = Array.from({ length: 200 }, () =>
      codeOf(pool.with({ signal: abort.signal }).run(f.untilFree, ran.memory)),
    );
    const kept = pool.run(t.add, 4, 5);
    abort.abort('dropped');
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['dropped']));
    assert.equal(pool.stats().abandoned, 0);
    free.set(0);
    await blocked;
    assert.equal(await kept, 9);
    assert.equal(ran.read(1), 0);
  },
);

test('timeout counts the waiting too', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await free.reaches(1);
  assert.equal(await codeOf(pool.with({ timeout: 20 }).run(t.add, 1, 2)), 'ERR_ISTHMUS_TIMEOUT');
  free.set(0);
  await blocked;
});

test('times beyond the longest timer are no limit', limit, async (scope) => {
  for (const timeout of [2 ** 31, Number.POSITIVE_INFINITY]) {
    assert.equal(await toThread.with({ timeout })(t.spinFor, 20), 20);
  }
  const pool = poolFor(scope, { size: 1 });
  const running = pool.with({ grace: Number.POSITIVE_INFINITY, timeout: 2 ** 40 }).run(t.spinFor, 30);
  await pool.close({ timeout: Number.POSITIVE_INFINITY });
  assert.equal(await running, 30);
});

test('many tasks with one signal listen to it once', limit, async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning.name);
  process.on('warning', listen);
  const abort = new AbortController();
  const add = toThread.with({ signal: abort.signal }).fn(t.add);
  await Promise.all(Array.from({ length: 100 }, (_, i) => add(i, 1)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.deepEqual(warnings, []);
});
