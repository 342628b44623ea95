// The state of pools and limiters: as data, as text, by prom-client and by OpenTelemetry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createPool, Limiter } from 'isthmus';
import { blocking } from 'isthmus/fastify';
import { addMetrics, addToMeter, health, metrics } from 'isthmus/health';
import client from 'prom-client';
import * as h from './handlers.mjs';
import { ask, limit, serve, until, words } from './kit.mjs';

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

/** A meter of the SDK's, and what it has: a read gives name and attributes → value, and the same of units and kinds. */
function otel(scope) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 });
  const provider = new MeterProvider({ readers: [reader] });
  scope.after(() => provider.shutdown());
  const read = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    assert.deepEqual(errors, []);
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    const points = all.flatMap(({ descriptor, dataPoints, isMonotonic = false }) =>
      dataPoints.map(({ attributes, value }) => {
        const kind = `${isMonotonic ? 'counter' : 'gauge'} ${descriptor.unit}`;
        return [`${descriptor.name} ${JSON.stringify(attributes)}`, { value, kind }];
      }),
    );
    return Object.fromEntries(points);
  };
  return { meter: provider.getMeter('test'), read };
}

test('by a meter of OpenTelemetry, until it is taken away', limit, async (scope) => {
  const { sources, shared, tasks } = await busy(scope);
  sources.limiters.free = new Limiter(Number.POSITIVE_INFINITY);
  const { meter, read } = otel(scope);
  const remove = addToMeter(meter, sources);
  const now = await read();
  const pool = JSON.stringify({ pool: 'a "b"\n' });
  assert.deepEqual(now[`isthmus.pool.running ${pool}`], { value: 1, kind: 'gauge {task}' });
  assert.deepEqual(now[`isthmus.pool.completed ${pool}`], { value: 1, kind: 'counter {task}' });
  assert.deepEqual(now[`isthmus.pool.deaths ${JSON.stringify({ pool: 'a "b"\n', why: 'memory' })}`], {
    value: 0,
    kind: 'counter {worker}',
  });
  assert.deepEqual(now['isthmus.limiter.waiting {"limiter":"disk"}'], { value: 1, kind: 'gauge {task}' });
  assert.equal(now['isthmus.limiter.most {"limiter":"free"}'], undefined, 'what is infinite is left out');
  assert.equal(now['isthmus.turn.refused {}'].kind, 'counter {caller}');
  assert.equal(now[`isthmus.pool.waited ${pool}`].kind, 'counter s');
  // The same numbers as in the text, but for the one that is infinite.
  assert.equal(Object.keys(now).length, Object.keys(samples(metrics(sources))).length - 1);
  shared.set(0);
  await Promise.all(tasks);
  assert.equal((await read())[`isthmus.pool.completed ${pool}`].value, 3);
  let looks = 0;
  const [observed] = Object.values(sources.pools);
  sources.pools.last = {
    stats() {
      looks++;
      return observed.stats();
    },
  };
  await read();
  assert.equal(looks, 1, 'each reading looks anew');
  remove();
  await read();
  assert.equal(looks, 1, 'nobody looks any more');
});

test('the plugin’s own pool is in both, from its first route’s first request on', limit, async (scope) => {
  const app = await serve(scope, (app) => app.get('/', blocking(h.where)), { pool: { size: 1 } });
  const { meter, read } = otel(scope);
  const register = new client.Registry();
  addToMeter(meter, app.isthmus.sources);
  addMetrics(client, app.isthmus.sources, [register]);
  const both = async () => [
    (await read())['isthmus.pool.completed {"pool":"thread"}']?.value,
    samples(await register.metrics())['isthmus_pool_completed_total{pool="thread"}'],
  ];
  assert.deepEqual(await both(), [undefined, undefined]);
  await ask(app.port, '/');
  await ask(app.port, '/');
  assert.deepEqual(await both(), [2, 2]);
});

test('an unlimited limiter is +Inf', () => {
  const limiters = { free: new Limiter(Number.POSITIVE_INFINITY) };
  assert.match(metrics({ limiters }), /^isthmus_limiter_most\{limiter="free"\} \+Inf$/m);
});

test('what they are given is checked', (scope) => {
  const { meter } = otel(scope);
  for (const sources of [
    null,
    [],
    { pool: {} },
    { pools: 5 },
    { pools: { a: 5 } },
    { limiters: { a: {} } },
  ]) {
    for (const call of [
      health,
      metrics,
      (sources) => addMetrics(client, sources),
      (sources) => addToMeter(meter, sources),
    ]) {
      assert.throws(() => call(sources), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' }, JSON.stringify(sources));
    }
  }
  const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
  assert.throws(() => addMetrics(client, {}, {}), invalid);
  for (const wrong of [undefined, null, {}, 'x', { Gauge: client.Gauge }]) {
    assert.throws(() => addMetrics(wrong), { ...invalid, message: /the package: import client/ });
    assert.throws(() => addToMeter(wrong), { ...invalid, message: /a meter of @opentelemetry\/api/ });
  }
});
