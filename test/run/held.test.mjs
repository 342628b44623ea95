// Last in, first out: how long a settled call is held by calls above it, and by whom, is measured and told.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from 'isthmus';
import { node } from './script.mjs';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const here = () => Number(/:(\d+):\d+\)?$/.exec(new Error().stack.split('\n')[2])[1]);

/** What the channel tells while `work` runs, and how the figures of run.stats() grew. */
function watched(work) {
  const messages = [];
  const listen = (message) => messages.push(message);
  const before = run.stats();
  subscribe('isthmus:run:held', listen);
  try {
    work();
  } finally {
    unsubscribe('isthmus:run:held', listen);
  }
  const after = run.stats();
  const grown = (key) => after.held[key] - before.held[key];
  return { messages, before, after, count: grown('count'), totalMs: grown('totalMs') };
}

test('a call of 50 ms under a later call of 300 ms is late, and the later call is named', limit, () => {
  let line;
  const values = [];
  const work = later(50, 'shorter');
  // Counted from where the shorter one settles, so that a busy machine shifts both.
  const rest = work.then(() => later(250, 'longer'));
  const longer = () => {
    line = here() + 1;
    values.push(run(rest));
  };
  const { messages, after, count, totalMs } = watched(() => {
    const began = performance.now();
    setTimeout(longer, 10);
    values.push(run(work));
    assert.ok(performance.now() - began >= 280, 'last in, first out');
  });
  assert.deepEqual(values, ['longer', 'shorter']);
  assert.equal(messages.length, 1);
  const [{ ms, by, above }] = messages;
  assert.ok(ms >= 200 && ms < 2_000, `held for ${ms} ms`);
  assert.match(by, new RegExp(`held\\.test\\.mjs:${line}:\\d+$`));
  assert.equal(above, 1);
  assert.equal(count, 1);
  assert.ok(Math.abs(totalMs - ms) < 1e-6);
  assert.ok(after.held.maxMs >= ms);
  const site = after.held.by.find((entry) => entry.site === by);
  assert.deepEqual(site, { site: by, count: 1, totalMs: ms, maxMs: ms });
});

test('each of several calls that are held is told of, from the top down', limit, () => {
  const settle = [];
  const release = async () => {
    await later(5);
    for (const resolve of settle) resolve();
    await later(60);
  };
  const dive = (left) => {
    if (left === 0) return run(release);
    setTimeout(dive, 5, left - 1);
    return run(new Promise((resolve) => settle.push(resolve)));
  };
  const { messages, count } = watched(() => dive(3));
  assert.equal(count, 3);
  assert.deepEqual(
    messages.map(({ above }) => above),
    [1, 2, 3],
  );
  assert.ok(
    messages.every(({ ms }) => ms > 30),
    JSON.stringify(messages),
  );
  const [top] = new Set(messages.map(({ by }) => by));
  assert.ok(
    messages.every(({ by }) => by === top),
    'the one on top holds them all',
  );
});

test('a call that settles before the one above it has turned the loop is held as well', limit, () => {
  let settle;
  const above = async () => {
    settle();
    await later(60);
  };
  const { messages } = watched(() => {
    setTimeout(() => run(above), 5);
    run(
      new Promise((resolve) => {
        settle = resolve;
      }),
    );
  });
  assert.equal(messages.length, 1);
  assert.ok(messages[0].ms > 30, JSON.stringify(messages));
});

test('a call that was rejected is held just the same', limit, () => {
  const { messages } = watched(() => {
    const rejected = later(20).then(() => Promise.reject(new RangeError('held')));
    const rest = rejected.catch(() => later(80));
    setTimeout(() => run(rest), 5);
    assert.throws(() => run(rejected), RangeError);
  });
  assert.equal(messages.length, 1);
  assert.ok(messages[0].ms > 50, `${messages[0].ms} ms`);
});

test('no call is held by calls below it, beside it, or shorter than it', limit, () => {
  const { messages, count } = watched(() => {
    run(later(5));
    run(Promise.resolve());
    setTimeout(() => run(later(5)), 5);
    run(later(60));
    run(async () => run(later(5)));
  });
  assert.deepEqual([messages, count], [[], 0]);
});

test('the steps of run.each name the loop that holds', limit, () => {
  let line;
  const loop = () => {
    line = here() + 1;
    for (const _ of run.each([rest]));
  };
  const work = later(20);
  const rest = work.then(() => later(60));
  const { messages } = watched(() => {
    setTimeout(loop, 5);
    run(work);
  });
  assert.match(messages[0].by, new RegExp(`held\\.test\\.mjs:${line}:\\d+$`));
});

test('stats: depth, maxDepth and waits', limit, () => {
  const before = run.stats();
  assert.equal(before.depth, 0);
  assert.deepEqual(Object.keys(before).sort(), ['depth', 'held', 'maxDepth', 'waits']);
  assert.deepEqual(Object.keys(before.held).sort(), ['by', 'count', 'maxMs', 'totalMs']);
  run(Promise.resolve());
  run(5);
  assert.equal(run.stats().waits, before.waits, 'settled work is not counted');
  const depths = [];
  run(async () => {
    await later(1);
    depths.push(run.stats().depth);
    run(later(1).then(() => depths.push(run.stats().depth)));
  });
  assert.deepEqual(depths, [1, 2]);
  const after = run.stats();
  assert.deepEqual([after.depth, after.waits - before.waits], [0, 2]);
  assert.ok(after.maxDepth >= 2);
});

test('the site is whole where the path has spaces and brackets in it', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-held-'));
  try {
    const file = join(folder, 'my (own) code', 'site one.cjs');
    mkdirSync(join(folder, 'my (own) code'));
    const script = `import(${JSON.stringify(import.meta.resolve('isthmus'))}).then(({ run }) => {
      const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      setTimeout(() => run(later(60)), 5);
      run(later(20));
      console.log(run.stats().held.by[0].site);
    });`;
    writeFileSync(file, script);
    const { stdout, stderr } = await node([file]);
    assert.equal(stdout.trim().replace(/:\d+$/, ''), `${file}:3`, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
