// What is published of each task, for OpenTelemetry and the like.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { toThread } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import { limit, outcome, poolFor } from './kit.mjs';

const channel = tracingChannel('isthmus:task');

function listen(scope, store) {
  const seen = [];
  const at =
    (event) =>
    ({ ...trace }) =>
      seen.push([event, trace]);
  const handlers = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((event) => [event, at(event)]),
  );
  channel.subscribe(handlers);
  if (store !== undefined) channel.start.bindStore(store, ({ what }) => `span of ${what}`);
  scope.after(() => {
    channel.unsubscribe(handlers);
    channel.start.unbindStore(store);
  });
  return seen;
}

test('a task is told from its call to its end', limit, async (scope) => {
  const seen = listen(scope);
  assert.equal(await toThread(t.add, 1, 2), 3);
  assert.deepEqual(
    seen.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  );
  assert.deepEqual(seen[0][1], { what: 'toThread(add)' });
  const { what, result, waitMs, runMs, threadId } = seen[3][1];
  assert.deepEqual([what, result], ['toThread(add)', 3]);
  assert.ok(waitMs >= 0 && runMs >= 0 && threadId > 0);
});

test('and so is one that fails, by its error', limit, async (scope) => {
  const seen = listen(scope);
  const { thrown } = await outcome(toThread.with({ name: 'hashing' })(t.fail, 'mine'));
  assert.deepEqual(
    seen.map(([event]) => event),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  );
  const [, { what, error }] = seen[2];
  assert.equal(what, 'toThread(hashing)');
  assert.equal(error, thrown);
});

test('and so is an iteration, from its first value to its end', limit, async (scope) => {
  const seen = listen(scope);
  const iterator = toThread.each(f.numbers, 3);
  assert.deepEqual(seen, [], 'nothing has begun');
  for await (const value of iterator) assert.ok(value < 3);
  assert.deepEqual(
    seen.map(([event]) => event),
    ['start', 'end', 'asyncStart', 'asyncEnd'],
  );
  const { what, result, runMs } = seen[3][1];
  assert.deepEqual([what, result, runMs >= 0], ['toThread.each(numbers)', 'the end', true]);
});

test('a store that is bound to the start is there in what the task calls back', limit, async (scope) => {
  const span = new AsyncLocalStorage();
  listen(scope, span);
  const spans = [];
  await toThread(t.callLater, async () => void spans.push(span.getStore()));
  assert.deepEqual(new Set(spans), new Set(['span of toThread(callLater)']));
});

for (const kind of ['thread', 'process']) {
  const isPlace = ({ threadId, pid }) => (kind === 'thread' ? threadId > 0 && pid === undefined : pid > 0);

  test(
    `${kind}: a task whose worker died, or that was given up, says where it ran, and for how long`,
    limit,
    async (scope) => {
      const pool = poolFor(scope, { kind, size: 1 });
      await pool.run(t.add, 1, 2);
      const [{ threadId, pid }] = pool.stats().workers;
      const abort = new AbortController();
      const stay = () => {
        abort.abort('enough');
        return new Promise(() => {});
      };
      const destroyed = poolFor(scope, { kind, size: 1 });
      const leave = () => {
        void destroyed.destroy();
        return new Promise(() => {});
      };
      const seen = listen(scope);
      for (const call of [
        () => pool.run(t.exit, 3),
        () => pool.with({ signal: abort.signal, grace: 0 }).run(f.callOnce, stay),
        () => destroyed.run(f.callOnce, leave),
      ]) {
        const { thrown } = await outcome(call());
        const [event, trace] = seen.at(-1);
        assert.deepEqual([event, trace.error], ['asyncEnd', thrown]);
        assert.ok(isPlace(trace), JSON.stringify(trace));
        assert.ok(trace.waitMs >= 0 && trace.runMs >= 0, JSON.stringify(trace));
        if (call.toString().includes('exit')) {
          assert.deepEqual(
            [trace.threadId, trace.pid],
            kind === 'thread' ? [threadId, undefined] : [undefined, pid],
          );
        }
      }
    },
  );

  test(`${kind}: one that never began says neither`, limit, async (scope) => {
    const pool = poolFor(scope, { kind, size: 1 });
    const abort = new AbortController();
    let free;
    const running = pool.run(
      f.callOnce,
      () =>
        new Promise((resolve) => {
          free = resolve;
          abort.abort('enough');
        }),
    );
    const seen = listen(scope);
    assert.equal((await outcome(pool.with({ signal: abort.signal }).run(t.add, 1, 2))).thrown, 'enough');
    const { error, threadId, pid, waitMs, runMs } = seen.at(-1)[1];
    assert.deepEqual(
      [error, threadId, pid, waitMs, runMs],
      ['enough', undefined, undefined, undefined, undefined],
    );
    free();
    await running;
  });
}
