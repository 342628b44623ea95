// What is published of each task, for OpenTelemetry and the like.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { toThread } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import { limit, outcome } from './kit.mjs';

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
