// The state of pools and limiters: as data, as text, and by prom-client.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPool, Limiter } from 'isthmus';
import { addMetrics, health, metrics } from 'isthmus/health';
import client from 'prom-client';
import * as h from './handlers.mjs';
import { limit, until, words } from './kit.mjs';

async function busy(scope) {
  const pool = createPool({ size: 1 });
  scope.after(() => pool.destroy());
  const shared = words();
  const disk = new Limiter(1, { name: 'disk' });
  await pool.run(h.bodyOf, { body: 1 });
  await pool.run(h.fail, { params: { kind: 'plain' } }).catch(() => {});
  const run = pool.with({ limiter: disk }).run;
  const tasks = [1, 2].map(() => run(h.untilFree, { memory: shared.memory }));
  await until(() => shared.read(1) === 1);
  return { sources: { pools: { 'a "b"\n': pool }, limiters: { disk } }, shared, tasks };
}

test('as data', limit, async (scope) => {
  const { sources, shared, tasks } = await busy(scope);
  const { pools, limiters, turn } = health(sources);
  const { running, queued, completed, failed } = pools['a "b"\n'];
  assert.deepEqual(
    { running, queued, completed, failed },
    { running: 1, queued: 1, completed: 1, failed: 1 },
  );
  assert.deepEqual(limiters.disk, { name: 'disk', most: 1, reserved: 0, used: 1, waiting: 1 });
  assert.equal(turn.waiting, 0);
  assert.deepEqual(Object.keys(health()), ['pools', 'limiters', 'turn']);
  shared.set(0);
  await Promise.all(tasks);
});

/** The lines of a text that are no comments: name and labels → value. */
const samples = (text) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

test('as text, and the same by prom-client', limit, async (scope) => {
  const { sources, shared, tasks } = await busy(scope);
  const register = new client.Registry();
  addMetrics(client, sources, [register]);
  const own = samples(metrics(sources));
  const label = 'pool="a \\"b\\"\\n"';
  assert.equal(own[`isthmus_pool_running{${label}}`], 1);
  assert.equal(own[`isthmus_pool_completed_total{${label}}`], 1);
  assert.equal(own[`isthmus_pool_deaths_total{${label},why="memory"}`], 0);
  assert.ok(own[`isthmus_pool_run_seconds{${label},quantile="0.5"}`] >= 0);
  assert.equal(own['isthmus_limiter_waiting{limiter="disk"}'], 1);
  assert.equal(own.isthmus_turn_waiting, 0);
  assert.match(
    metrics(sources),
    /^# HELP isthmus_pool_size .+\n# TYPE isthmus_pool_size gauge\nisthmus_pool_size\{/,
  );
  const theirs = samples(await register.metrics());
  const still = (all) => Object.fromEntries(Object.entries(all).filter(([name]) => !name.includes('oldest')));
  assert.deepEqual(still(theirs), still(own));
  shared.set(0);
  await Promise.all(tasks);
  const later = samples(await register.metrics());
  assert.equal(later[`isthmus_pool_completed_total{${label}}`], 3);
  assert.equal(later[`isthmus_pool_running{${label}}`], 0);
});

test('an unlimited limiter is +Inf', () => {
  const limiters = { free: new Limiter(Number.POSITIVE_INFINITY) };
  assert.match(metrics({ limiters }), /^isthmus_limiter_most\{limiter="free"\} \+Inf$/m);
});

test('what they are given is checked', () => {
  for (const sources of [
    null,
    [],
    { pool: {} },
    { pools: 5 },
    { pools: { a: 5 } },
    { limiters: { a: {} } },
  ]) {
    for (const call of [health, metrics, (sources) => addMetrics(client, sources)]) {
      assert.throws(() => call(sources), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' }, JSON.stringify(sources));
    }
  }
  assert.throws(() => addMetrics(client, {}, {}), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
});
