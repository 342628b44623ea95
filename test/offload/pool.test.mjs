// The pool: order, bounds, deaths, life.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createPool,
  InvalidArgumentError,
  PoolClosedError,
  runInThread,
  ThreadDiedError,
  toProcess,
  toThread,
} from 'isthmus';
import { node } from '../run/script.mjs';
import * as t from '../thread/functions.mjs';
import { scriptFile } from '../thread/kit.mjs';
import * as f from './functions.mjs';
import { codeOf, limit, outcome, poolFor, until, words } from './kit.mjs';

function notes(test) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-pool-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'notes');
  return { file, read: () => readFileSync(file, 'utf8').trim().split('\n') };
}

test('first in, first out', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const { file, read } = notes(scope);
  const big = 'x'.repeat(20_000);
  const all = Array.from({ length: 300 }, (_, i) => pool.run(f.noted, file, i % 9 === 0 ? `${i}${big}` : i));
  await Promise.all(all);
  assert.deepEqual(
    read().map((line) => Number.parseInt(line, 10)),
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test('a higher priority begins first, and equal ones in their order', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const { file, read } = notes(scope);
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await free.reaches(1);
  const add = (name, priority) => pool.with({ priority }).run(f.noted, file, name);
  const rest = [add('a', 0), add('b', 0), add('c', 5), add('d', -1), add('e', 5), add('f', 0)];
  free.set(0);
  await Promise.all([blocked, ...rest]);
  assert.deepEqual(read(), ['c', 'e', 'a', 'b', 'f', 'd']);
});

test('an idle worker takes the next task, whoever is slow', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await free.reaches(1);
  const rest = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.run(t.add, i, 1)));
  assert.equal(rest.length, 100);
  free.set(0);
  await blocked;
});

// Workers are woken at the end of the host's turn where more than one task is about: a turn that waits for them would have no end.
test('what a host has called begins although it blocks then', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const never = new Int32Array(new SharedArrayBuffer(4));
  // Its worker sleeps, or it is back in its event loop.
  for (const pause of [0, 30, 0, 30]) {
    const { memory } = words();
    const seen = new Int32Array(memory);
    await pool.run(f.keepsWords, memory);
    const both = [0, 1].map((at) => {
      const call = pool.run(f.marks, at);
      assert.notEqual(Atomics.wait(seen, at, 0, 20_000), 'timed-out', `call ${at}, after ${pause} ms`);
      Atomics.wait(never, 0, 0, pause);
      return call;
    });
    await Promise.all(both);
  }
});

test('two that wait for one another both begin, although their host blocks', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let round = 0; round < 10; round++) {
    const { memory } = words();
    const seen = new Int32Array(memory);
    await Promise.all([1, 2].map(() => pool.run(f.allKeepWords, memory, 2)));
    // After a turn in which several come, they are called at the end of the next ones too.
    await Promise.all([1, 2, 3, 4].map((n) => pool.run(f.sum, n)));
    // Both are back in their event loops, and then one sleeps.
    Atomics.wait(never, 0, 0, 30);
    await pool.run(f.sum, 1);
    const both = [pool.run(f.meets, 0, 1), pool.run(f.meets, 1, 0)];
    assert.notEqual(Atomics.wait(seen, 1, 0, 20_000), 'timed-out', `round ${round}`);
    await Promise.all(both);
  }
});

test('a program without setImmediate has its pool all the same', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const never = new Int32Array(new SharedArrayBuffer(4));
  const { setImmediate } = globalThis;
  scope.after(() => Object.assign(globalThis, { setImmediate }));
  globalThis.setImmediate = undefined;
  for (let round = 0; round < 10; round++) {
    const { memory } = words();
    const seen = new Int32Array(memory);
    await pool.run(f.keepsWords, memory);
    const first = pool.run(f.marks, 0);
    Atomics.wait(seen, 0, 0, 20_000);
    // It has answered by then, and sleeps.
    Atomics.wait(never, 0, 0, 0.3);
    await Promise.all([first, pool.run(f.marks, 1)]);
  }
});

test('large tasks and small ones side by side', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const big = 'x'.repeat(50_000);
  const all = Array.from({ length: 200 }, (_, i) =>
    i % 3 === 0 ? pool.run(t.echo, big).then((s) => s.length) : pool.run(t.add, i, 0),
  );
  for (const [i, value] of (await Promise.all(all)).entries()) assert.equal(value, i % 3 === 0 ? 50_000 : i);
});

test('a queue with a bound refuses by name, large and small tasks alike', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1, queue: 2 });
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await free.reaches(1);
  const waiting = [pool.run(t.echo, 'x'.repeat(20_000)), pool.run(t.echo, 'x')];
  assert.equal(await codeOf(pool.run(t.add, 1, 2)), 'ERR_ISTHMUS_QUEUE_FULL');
  const { running, queued, oldestMs } = pool.stats();
  assert.deepEqual([running, queued, oldestMs > 0], [1, 2, true]);
  free.set(0);
  await Promise.all([blocked, ...waiting]);
  assert.equal(await pool.run(t.add, 1, 2), 3);
});

test('with a queue of 0 what cannot begin at once is refused', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2, queue: 0 });
  const free = words();
  const blocked = [pool.run(f.untilFree, free.memory), pool.run(f.untilFree, free.memory)];
  assert.equal(await codeOf(pool.run(t.add, 1, 2)), 'ERR_ISTHMUS_QUEUE_FULL');
  free.set(0);
  await Promise.all(blocked);
  assert.equal(await pool.run(t.add, 1, 2), 3);
});

// Deaths ------------------------------------------------------------------------------------------------------------

for (const [name, fn, args, cause] of [
  ['process.exit', t.exit, [3], undefined],
  ['an error that nobody caught', t.crash, ['boom'], 'boom'],
  ['an unhandled rejection', t.reject, ['boom'], 'boom'],
]) {
  test(`a worker that dies by ${name} rejects its own task alone`, limit, async (scope) => {
    const pool = poolFor(scope, { size: 2 });
    const others = Array.from({ length: 50 }, (_, i) => pool.run(t.add, i, 1));
    const { thrown } = await outcome(pool.run(fn, ...args));
    assert.ok(thrown instanceof ThreadDiedError, String(thrown));
    assert.equal(thrown.cause?.message, cause);
    for (const [i, value] of (await Promise.all(others)).entries()) assert.equal(value, i + 1);
    assert.equal(await pool.run(t.add, 1, 2), 3);
    assert.equal(
      Object.values(pool.stats().deaths).reduce((a, b) => a + b, 0),
      1,
    );
  });
}

test('whoever runs beside it goes on, and the pool is as large as before', limit, async (scope) => {
  const pool = poolFor(scope, { size: 3 });
  const free = words();
  const beside = ['a', 'b'].map((name) => pool.run(f.untilFree, free.memory, 0, name));
  await free.reaches(1, 2);
  for (let i = 0; i < 3; i++)
    assert.ok((await outcome(pool.run(t.exit, 1))).thrown instanceof ThreadDiedError);
  free.set(0);
  assert.deepEqual(await Promise.all(beside), ['a', 'b']);
  const again = words();
  const full = ['c', 'd', 'e'].map((name) => pool.run(f.untilFree, again.memory, 0, name));
  await again.reaches(1, 3);
  again.set(0);
  assert.deepEqual(await Promise.all(full), ['c', 'd', 'e']);
  const { deaths, started } = pool.stats();
  assert.deepEqual([deaths.exit, started], [3, 6]);
});

test('an argument that throws when it is looked at costs the pool nothing', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const view = new DataView(new ArrayBuffer(8));
  structuredClone(view.buffer, { transfer: [view.buffer] });
  assert.equal(await codeOf(pool.run(f.sum, view)), 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(await pool.run(f.sum, 1, 2), 3);
});

test('a worker that runs out of memory', { timeout: 120_000 }, async () => {
  const script = `
import { createPool } from ${JSON.stringify(import.meta.resolve('isthmus'))};
import * as t from ${JSON.stringify(new URL('../thread/functions.mjs', import.meta.url).href)};
const pool = createPool({ size: 1 });
const died = await pool.run(t.outOfMemory).catch((error) => error.code + ' ' + error.message);
console.log(died, await pool.run(t.add, 1, 2));
`;
  const args = ['--max-old-space-size=40', scriptFile(script)];
  const { code, stdout, stderr } = await node(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ERR_ISTHMUS_THREAD_DIED .*out of memory.* 3/);
});

test('no task is run twice: what a dead worker had not begun goes on elsewhere', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  const { file, read } = notes(scope);
  const all = Array.from({ length: 120 }, (_, i) =>
    outcome(i % 10 === 5 ? pool.run(f.notedAndExit, file, i, 1) : pool.run(f.noted, file, i)),
  );
  const outcomes = await Promise.all(all);
  for (const [i, { thrown, value }] of outcomes.entries()) {
    if (i % 10 === 5) assert.ok(thrown instanceof ThreadDiedError);
    else assert.equal(value, i);
  }
  const lines = read();
  assert.equal(lines.length, 120);
  assert.equal(new Set(lines).size, 120);
});

test(
  'a module that cannot be loaded is told once for each call, and no worker dies of it',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 2 });
    const address = { module: new URL('none.mjs', import.meta.url).href, name: 'x' };
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(pool.run(address))));
    assert.deepEqual(new Set(codes), new Set(['ERR_ISTHMUS_LOAD']));
    assert.ok(pool.stats().started <= 2);
  },
);

// Life --------------------------------------------------------------------------------------------------------------

test('an idle worker’s timers run', limit, async () => {
  const ticks = words();
  await toThread(t.tick, ticks.memory, 1);
  await ticks.reaches(0, 20);
});

test('a busy worker’s timers run too', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const ticks = words();
  await pool.run(t.tick, ticks.memory, 1);
  while (ticks.read(0) < 20) await Promise.all(Array.from({ length: 200 }, () => pool.run(t.add, 1, 2)));
});

test('workers are started as they are needed, and ended when they are not', limit, async (scope) => {
  const pool = poolFor(scope, { size: 3, idleTimeout: 20 });
  assert.equal(pool.stats().workers.length, 0);
  await pool.run(t.add, 1, 2);
  assert.equal(pool.stats().workers.length, 1);
  const free = words();
  const blocked = [0, 1, 2, 3, 4].map(() => pool.run(f.untilFree, free.memory));
  await free.reaches(1, 3);
  assert.equal(pool.stats().workers.length, 3);
  free.set(0);
  await Promise.all(blocked);
  await until(() => pool.stats().workers.length === 0);
  assert.equal(await pool.run(t.add, 1, 2), 3);
  assert.deepEqual(Object.values(pool.stats().deaths), [0, 0, 0, 0, 0]);
});

test('an idle worker is ended although another one is busy', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2, idleTimeout: 20 });
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await Promise.all([free.reaches(1), pool.run(t.add, 1, 2)]);
  assert.equal(pool.stats().workers.length, 2);
  await until(() => pool.stats().workers.length === 1);
  free.set(0);
  await blocked;
});

test('idleTimeout 0 and small bursts: no churn', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2, idleTimeout: 0 });
  for (let i = 0; i < 10; i++) await Promise.all([pool.run(t.add, i, 1), pool.run(t.add, i, 2)]);
  assert.ok(pool.stats().started <= 4, `${pool.stats().started} workers were started`);
});

test('warm starts workers beforehand, minimum keeps them', limit, async (scope) => {
  const pool = poolFor(scope, { size: 3, minimum: 1, idleTimeout: 10 });
  pool.warm(2);
  assert.equal(pool.stats().workers.length, 2);
  await pool.run(t.add, 1, 2);
  await until(() => pool.stats().workers.length === 1);
});

test('stats tell of tasks, times and workers', limit, async (scope) => {
  const pool = poolFor(scope, { size: 2 });
  await Promise.all([pool.run(t.spinFor, 20), pool.run(t.spinFor, 20), codeOf(pool.run(t.fail, 'mine'))]);
  const { completed, failed, run, wait, workers, queued, oldestMs, size } = pool.stats();
  assert.deepEqual([completed, failed, queued, oldestMs, size], [2, 1, 0, 0, 2]);
  assert.equal(run.count, 3);
  assert.ok(run.max >= 20 && run.p99 >= 16, JSON.stringify(run));
  assert.equal(wait.count, 3);
  assert.ok(
    workers.every(({ threadId, utilisation }) => threadId > 0 && utilisation >= 0 && utilisation <= 1),
  );
});

test('close drains, refuses new tasks, and has a deadline', limit, async () => {
  const pool = createPool({ size: 1 });
  const free = words();
  const running = pool.run(f.untilFree, free.memory, 0, 'done');
  await free.reaches(1);
  const waiting = pool.run(t.add, 1, 2);
  const closing = pool.close();
  assert.equal(await codeOf(pool.run(t.add, 1, 2)), 'ERR_ISTHMUS_POOL_CLOSED');
  free.set(0);
  await closing;
  assert.deepEqual([await running, await waiting], ['done', 3]);
  const stuck = createPool({ size: 1 });
  const lost = codeOf(stuck.run(t.spin));
  await stuck.close({ timeout: 20 });
  assert.equal(await lost, 'ERR_ISTHMUS_POOL_CLOSED');
});

test('destroy rejects what runs and what waits', limit, async () => {
  const pool = createPool({ size: 1 });
  const free = words();
  const all = [pool.run(f.untilFree, free.memory), pool.run(t.add, 1, 2)].map(outcome);
  await free.reaches(1);
  await pool.destroy();
  for (const { thrown } of await Promise.all(all)) assert.ok(thrown instanceof PoolClosedError);
  const other = createPool({ size: 1 });
  const reason = new Error('enough');
  const lost = outcome(other.run(t.spin));
  await other.destroy(reason);
  assert.equal((await lost).thrown, reason);
  await other.destroy();
});

test('a process ends when nothing is pending, and not before', limit, async () => {
  const script = `
import { toThread } from ${JSON.stringify(import.meta.resolve('isthmus'))};
import * as t from ${JSON.stringify(new URL('../thread/functions.mjs', import.meta.url).href)};
toThread(t.sleep, 300, 'slept').then(console.log);
`;
  const { code, stdout, ms } = await node([scriptFile(script)]);
  assert.equal(code, 0);
  assert.equal(stdout, 'slept\n');
  assert.ok(ms < 20_000);
});

test(
  'an error that comes when its task is over is a warning, and costs no other task',
  limit,
  async (scope) => {
    const pool = poolFor(scope, { size: 1 });
    let warning;
    process.once('warning', (given) => {
      warning = given;
    });
    await pool.run(f.lateError, 1);
    await until(() => warning !== undefined);
    assert.equal(warning.name, 'IsthmusWarning');
    assert.match(warning.message, /after its task was over: RangeError: late/);
    await until(() => pool.stats().workers.length === 0);
    assert.equal(await pool.run(t.add, 1, 2), 3);
  },
);

for (const [how, told] of [
  ['an error', /IsthmusWarning: A thread of a pool ended by an error .*RangeError: late/],
  ['a rejection', /IsthmusWarning: A thread of a pool ended by an error .*RangeError: late/],
  ['an exit', /^$/],
]) {
  test(`an idle worker that ends by ${how} does not take its process along`, limit, async () => {
    const script = `
import { createPool } from ${JSON.stringify(import.meta.resolve('isthmus'))};
import * as functions from ${JSON.stringify(new URL('functions.mjs', import.meta.url).href)};
const pool = createPool({ size: 1 });
await pool.run(functions.endsLater, ${JSON.stringify(how)});
while (pool.stats().workers.length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
console.log(await pool.run(functions.sum, 1, 2), pool.stats().started);
`;
    const { code, stdout, stderr } = await node([scriptFile(script)]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '3 2\n');
    assert.match(stderr, told);
  });
}

test('an iteration that nobody goes on with does not keep the process alive', limit, async () => {
  const script = `
import { toThread } from ${JSON.stringify(import.meta.resolve('isthmus'))};
import * as functions from ${JSON.stringify(new URL('functions.mjs', import.meta.url).href)};
const iterator = toThread.each(functions.numbers, 1e9);
console.log(JSON.stringify([await iterator.next(), await iterator.next()]));
`;
  const { code, stdout } = await node([scriptFile(script)]);
  assert.equal(code, 0);
  assert.equal(stdout, '[{"done":false,"value":0},{"done":false,"value":1}]\n');
});

test('close goes on when a worker dies meanwhile', limit, async () => {
  const pool = createPool({ size: 1 });
  await pool.run(t.add, 1, 2);
  const dying = outcome(pool.run(t.exit, 3));
  const waiting = pool.run(t.add, 1, 2);
  await pool.close();
  assert.ok((await dying).thrown instanceof ThreadDiedError);
  assert.equal(await waiting, 3);
});

test('the shared pools tell of themselves, and are warmed', limit, async () => {
  for (const shared of [toThread, toProcess]) {
    const { size, completed } = shared.stats();
    shared.warm(1);
    await until(() => shared.stats().workers.length >= 1);
    assert.equal(await shared(t.add, 1, 2), 3);
    assert.equal(shared.stats().completed, completed + 1);
    assert.ok(size >= 2);
    assert.throws(() => shared.warm(0.5), {
      code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
      message: /^to\w+\.warm\(\)/,
    });
  }
});

test('what throws at whoever looks at it costs no worker', limit, async (scope) => {
  for (const kind of ['thread', 'process']) {
    const pool = poolFor(scope, { kind, size: 1 });
    for (const fn of [t.throwsHostile, t.throwsHostileError])
      assert.equal(await codeOf(pool.run(fn)), 'ERR_ISTHMUS_UNCLONEABLE');
    assert.equal(pool.stats().started, 1);
  }
  for (const fn of [t.throwsHostile, t.throwsHostileError])
    assert.throws(() => runInThread(fn), { code: 'ERR_ISTHMUS_UNCLONEABLE' });
  assert.equal(runInThread(t.add, 1, 2), 3);
});

const isLinux = process.platform === 'linux';
test('workers step back, and nobody else does', {
  ...limit,
  skip: !isLinux && 'only on Linux has a thread a priority',
}, async () => {
  // On its own, for some lines do not need the runtime's threadpool before that.
  const script = `
    import { getPriority } from 'node:os';
    import { createPool } from ${JSON.stringify(import.meta.resolve('isthmus'))};
    import { niceOf } from ${JSON.stringify(import.meta.resolve('./functions.mjs'))};
    const before = { own: getPriority() };
    for (const kind of ['thread', 'process']) {
      const pool = createPool({ kind, size: 1, nice: 7 });
      before[kind] = await pool.run(niceOf);
      await pool.close();
    }
    console.log(JSON.stringify({ ...before, after: getPriority() }));`;
  const { code, stdout, stderr } = await node([scriptFile(script)]);
  assert.equal(code, 0, stderr);
  const { own, thread, process: child, after } = JSON.parse(stdout);
  assert.deepEqual([thread.nice, child.nice, after], [own + 7, own + 7, own]);
  assert.deepEqual(
    thread.all.filter((nice) => nice !== own),
    [own + 7],
    'of all threads of this process',
  );
});

test('close and warm check what they are given', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  for (const bad of [null, { zz: 1 }, { timeout: -1 }, { timeout: 'a' }]) {
    assert.equal(await codeOf(pool.close(bad)), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  }
  for (const bad of ['x', -1, Number.NaN]) assert.throws(() => pool.warm(bad), InvalidArgumentError);
  assert.equal(await pool.run(t.add, 1, 2), 3);
});

test('createPool checks its options', () => {
  for (const options of [
    null,
    5,
    { size: 0 },
    { size: 1.5 },
    { queue: -1 },
    { idleTimeout: '5' },
    { sizes: 5 },
    { nice: -1 },
    { nice: 20 },
    { nice: 0.5 },
  ]) {
    assert.throws(() => createPool(options), InvalidArgumentError, JSON.stringify(options));
  }
});
