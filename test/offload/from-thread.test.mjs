// fromThread: a pool's thread sleeps while its host runs a function.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromThread, NotInThreadError, runInThread, toThread } from 'isthmus';
import * as r from '../thread/reference-functions.mjs';
import * as f from './functions.mjs';
import * as host from './host.mjs';
import { codeOf, limit, poolFor, until, words } from './kit.mjs';

test('the host runs the function, async or sync, and the thread gets its result at once', limit, async () => {
  const [there, [here, value]] = await toThread(f.asks, 4);
  assert.ok(there > 0);
  assert.deepEqual([here, value], [0, 5]);
  assert.deepEqual(await toThread(f.asksTwice, 1), [2, 3]);
});

test('it is the host’s own module, with its state', limit, async () => {
  const seen = await Promise.all(Array.from({ length: 20 }, () => toThread(f.asksCounter)));
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.equal(host.counted(), 20);
});

test('what it throws, and what cannot be cloned, is thrown in the thread', limit, async () => {
  assert.deepEqual(await toThread(f.asksBadly, 'error'), ['RangeError', 'from the host']);
  assert.deepEqual(await toThread(f.asksBadly, 'symbol'), ['UncloneableError', 'ERR_ISTHMUS_UNCLONEABLE']);
  assert.equal(await codeOf(toThread(f.asks, Symbol('x'))), 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(await codeOf(toThread(f.asksUnknown)), 'ERR_ISTHMUS_NO_ADDRESS');
  assert.deepEqual((await toThread(f.asks, 1))[1], [0, 2]);
});

test('a full pool whose threads all ask for functions that need the pool', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  host.setPool(pool);
  scope.after(() => host.setPool(undefined));
  const all = await Promise.all(Array.from({ length: 30 }, (_, i) => pool.run(f.asksPool, i)));
  assert.deepEqual(
    all,
    all.map((_, i) => i + 1),
  );
  await until(() => pool.stats().workers.length <= 2);
  assert.equal(await pool.run(f.sum, 1, 2), 3);
});

test('a task that is given up while it sleeps for its host ends at once', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const abort = new AbortController();
  const asking = codeOf(pool.with({ signal: abort.signal, grace: false }).run(f.asksForEver, shared.memory));
  await shared.reaches(0);
  abort.abort('enough');
  assert.equal(await asking, 'enough');
  assert.equal(await pool.run(f.sum, 1, 2), 3);
});

test('stores that are carried are there', limit, async () => {
  assert.equal(await r.requestId.run('r2', () => toThread(f.asksWho)), 'r2');
});

test('elsewhere it is refused by name', limit, async () => {
  assert.throws(() => fromThread.run(host.next), NotInThreadError);
  const inService = runInThread.with({ timeout: 20_000 });
  assert.throws(() => inService(f.asksCounter), { code: 'ERR_ISTHMUS_NOT_IN_THREAD' });
});

test('after its task is over it is refused by name', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  await pool.run(f.asksLater);
  let told;
  while (told === undefined) told = await pool.run(f.whatWasTold);
  assert.equal(told, 'ERR_ISTHMUS_CALL_OVER');
});
