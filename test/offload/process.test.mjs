// toProcess and pools of processes: what is the same as with threads is tried briefly, what differs in full.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Limiter,
  NeverSettlesError,
  PoolClosedError,
  ProcessDiedError,
  TimeoutError,
  toProcess,
  UncloneableError,
} from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as r from '../thread/reference-functions.mjs';
import * as f from './functions.mjs';
import { codeOf, limit, outcome, poolFor, until } from './kit.mjs';
import * as p from './process-functions.mjs';

/** Files by which a process tells this one how far it is: they share no memory. */
function filesFor(scope) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-process-'));
  scope.after(() => rmSync(folder, { recursive: true }));
  return (name) => {
    const path = join(folder, name);
    return {
      path,
      make: () => writeFileSync(path, ''),
      appears: () =>
        until(() => existsSync(path) && (!name.startsWith('pid') || readFileSync(path).length > 0)),
      exists: () => existsSync(path),
      lines: () => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []),
    };
  };
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const processesFor = (scope, options) => poolFor(scope, { kind: 'process', ...options });

test(
  'an exported function runs in another process, with this one’s flags and none of its arguments',
  limit,
  async () => {
    assert.notEqual(await toProcess(p.pid), process.pid);
    const { argv, title } = await toProcess(p.facts);
    assert.equal(argv, 2);
    assert.match(title, /^isthmus pool \d/);
    assert.equal(await toProcess(t.echoLater, 'x'), 'x');
    assert.equal(await toProcess(t.thenable, 5), 5);
    assert.equal(await toProcess({ module: 'node:path', name: 'basename' }, '/a/b'), 'b');
  },
);

test('many at once, small and large: each answer is its own', limit, async (scope) => {
  const pool = processesFor(scope, { size: 2 });
  const sizes = [0, 5, 3000, 9000, 40_000, 100_000];
  const values = Array.from({ length: 600 }, (_, i) => ({ i, text: 'x'.repeat(sizes[i % sizes.length]) }));
  const back = await Promise.all(
    values.map((value, i) => pool.run(i % 7 === 0 ? t.echoLater : t.echo, value)),
  );
  for (const [i, value] of back.entries()) assert.ok(value.i === i && value.text === values[i].text);
});

test(
  'what crosses: bytes of every size, Buffers, Maps, cycles, -0, errors, registered classes',
  limit,
  async () => {
    for (const size of [0, 1, 9000, 33_000, 1_000_000, 64_000_000]) {
      const bytes = await toProcess(t.bytes, size);
      assert.equal(bytes.length, size);
      assert.equal(bytes.buffer.byteLength, size, 'its buffer shows nothing else');
      if (size < 2_000_000) assert.deepEqual(await toProcess(t.echo, bytes), bytes);
    }
    const few = Buffer.from('few');
    const back = await toProcess(t.echo, { few, large: Buffer.alloc(100_000, 1) });
    assert.ok(Buffer.isBuffer(back.few) && back.few.equals(few) && back.few.buffer.byteLength === 3);
    assert.ok(Buffer.isBuffer(back.large) && back.large.length === 100_000);
    const floats = new Float64Array([1.5, -0]);
    const both = await toProcess(t.echo, { a: floats, b: floats.subarray(1) });
    assert.equal(both.a.buffer, both.b.buffer, 'views that share a buffer go on doing so');
    assert.ok(Object.is(both.b[0], -0));
    const large = new Float64Array(10_000).fill(1.5);
    const views = await toProcess(t.echo, [
      large,
      large.subarray(5),
      new DataView(large.buffer, 8),
      large.buffer,
    ]);
    assert.ok(views.every((view) => (view.buffer ?? view) === views[3]) && views[3].byteLength === 80_000);
    assert.ok(views[0] instanceof Float64Array && views[1].length === 9995 && views[1][0] === 1.5);
    assert.equal(views[2].byteLength, 79_992);
    const part = Buffer.alloc(100_000, 7).subarray(10, 50_010);
    const parts = await toProcess(t.echo, { part, again: part });
    assert.ok(Buffer.isBuffer(parts.part) && parts.part.equals(part) && parts.again === parts.part);
    assert.equal(parts.part.buffer.byteLength, 50_000, 'and nothing of what is beside it');
    const map = new Map([[new Date(5), new Set([1n, -0, undefined, /x/g])]]);
    assert.deepEqual(await toProcess(t.echo, map), map);
    const cyclic = await toProcess(t.cycle);
    assert.equal(cyclic.self, cyclic);
    const money = await toProcess(r.double, new r.Money(2, 'EUR'));
    assert.ok(money instanceof r.Money && money.amount === 4);
  },
);

test('whatever is thrown crosses whole, with the frames of both processes', limit, async () => {
  for (const kind of 'undefined null zero minusZero bigint object mine system aggregate dom cycle'.split(
    ' ',
  )) {
    const { thrown } = await outcome(toProcess(t.fail, kind));
    const { thrown: here } = await outcome((async () => t.fail(kind))());
    const { stack: _, ...there } = t.facts(Object(thrown));
    const { stack: __, ...own } = t.facts(Object(here));
    assert.deepEqual(there, own, kind);
    assert.ok(Object.is(thrown, here) || typeof here === 'object', kind);
  }
  const { thrown } = await outcome(toProcess(t.fail, 'mine'));
  assert.ok(thrown instanceof t.MyError);
  assert.match(thrown.stack, /functions\.mjs.*pool process.*process\.test\.mjs/s);
});

test('what only threads can be sent is refused by its path, and the next call works', limit, async () => {
  const { port1 } = new MessageChannel();
  const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  const code = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  const shared = new SharedArrayBuffer(8);
  for (const [value, path] of [
    [{ a: [shared] }, 'args[0].a[0]'],
    [{ a: { view: new Int32Array(shared) } }, 'args[0].a.view'],
    [{ port: port1 }, 'args[0].port'],
    [{ key }, 'args[0].key'],
    [{ code }, 'args[0].code'],
    [{ blob: new Blob(['x']) }, 'args[0].blob'],
    [{ list: [new BlockList()] }, 'args[0].list[0]'],
    [{ s: Symbol('s') }, 'args[0].s'],
  ]) {
    const { thrown } = await outcome(toProcess(t.echo, value));
    assert.ok(thrown instanceof UncloneableError, String(thrown));
    assert.equal(thrown.path, path);
    assert.match(thrown.message, /another process/);
    assert.equal(await toProcess(t.add, 1, 2), 3);
  }
  port1.close();
  const { thrown } = await outcome(toProcess(p.shares));
  assert.ok(thrown instanceof UncloneableError, String(thrown));
  assert.equal(thrown.path, 'result.at[0]');
  assert.match(thrown.message, /another process/);
  assert.equal(await codeOf(toProcess(t.bad)), 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(await toProcess(t.add, 1, 2), 3);
});

test('nothing can be moved: the option is refused, and transfer() copies', limit, async (scope) => {
  const bytes = new Uint8Array(50_000);
  assert.throws(() => toProcess.with({ transfer: [bytes.buffer] }), {
    code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
    message: /nothing can be moved to another process/,
  });
  const pool = processesFor(scope, { size: 1 });
  assert.throws(() => pool.with({ transfer: [bytes.buffer] }), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
  assert.equal((await toProcess(p.moves, bytes)).length, 50_000);
  assert.equal(bytes.length, 50_000);
});

test('callbacks, signals and async iterables in the arguments', limit, async () => {
  assert.deepEqual(await toProcess(f.callTwice, async (n) => n * 10), [10, 20]);
  assert.deepEqual(
    await toProcess(f.callBadly, () => {
      throw new RangeError('no');
    }),
    [true, 'no'],
  );
  const controller = new AbortController();
  const waiting = toProcess(f.waitsFor, controller.signal);
  controller.abort('at once');
  assert.equal(await waiting, 'at once');
  const later = new AbortController();
  let tell;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const waits = toProcess(p.waitsForGate, async () => tell(), 5);
  await told;
  assert.equal(await waits, 5);
  const signalled = toProcess(f.waitsFor, later.signal);
  await toProcess(t.add, 1, 2);
  later.abort(new RangeError('later'));
  assert.ok((await signalled) instanceof RangeError);
  async function* source() {
    yield* [1, 2, 3];
  }
  assert.equal(await toProcess(r.sumOf, source()), 6);
});

test('progress, iteration with back-pressure, and map', limit, async (scope) => {
  const seen = [];
  await toProcess.with({ onProgress: ({ done }) => seen.push(done) })(f.steps, 4);
  assert.deepEqual(seen, [1, 2, 3, 4]);

  const file = filesFor(scope)('notes');
  const values = [];
  for await (const value of toProcess.each(p.endless, file.path)) {
    values.push(value);
    if (value === 99) break;
  }
  assert.equal(values.length, 100);
  assert.deepEqual(file.lines(), ['closed'], 'the source was left before the loop goes on');
  const { thrown } = await outcome(
    Array.fromAsync ? Array.fromAsync(toProcess.each(f.breaks)) : all(toProcess.each(f.breaks)),
  );
  assert.ok(thrown instanceof RangeError);

  const halves = [];
  for await (const half of toProcess.map(f.halve, [2, 4, 6, 8])) halves.push(half);
  assert.deepEqual(halves, [1, 2, 3, 4]);
});

async function all(source) {
  const values = [];
  for await (const value of source) values.push(value);
  return values;
}

test('stores that are carried arrive; fromThread runs on the host, nested pools work', limit, async () => {
  assert.equal(await r.requestId.run('r1', () => toProcess(f.asksWho)), 'r1');
  const [pid, [hostThread, value]] = await toProcess(p.asks, 4);
  assert.notEqual(pid, process.pid);
  assert.deepEqual([hostThread, value], [0, 5]);
  assert.deepEqual(await toProcess(f.asksBadly, 'range'), ['RangeError', 'from the host']);
  assert.equal(await toProcess(p.nested, 7), 7);
});

test('a full pool whose processes all ask for functions that need the pool', limit, async (scope) => {
  const pool = processesFor(scope, { size: 2 });
  const host = await import('./host.mjs');
  host.setPool(pool);
  scope.after(() => host.setPool(undefined));
  const results = await Promise.all(Array.from({ length: 6 }, (_, i) => pool.run(f.asksPool, i)));
  assert.deepEqual(results, [1, 2, 3, 4, 5, 6]);
  await until(() => pool.stats().workers.length <= 2);
});

test('a sync loop that looks is told in the middle of it', limit, async (scope) => {
  const file = filesFor(scope);
  const [begun, ended] = [file('begun'), file('ended')];
  const controller = new AbortController();
  const running = outcome(
    toProcess.with({ signal: controller.signal, grace: false })(p.untilCancelled, begun.path, ended.path),
  );
  await begun.appears();
  controller.abort('enough');
  assert.equal((await running).thrown, 'enough');
  await ended.appears();
});

test('work that listens to its signal is told, and its process goes on', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const begun = filesFor(scope)('begun');
  const pid = await pool.run(p.pid);
  const controller = new AbortController();
  const running = outcome(pool.with({ signal: controller.signal }).run(p.untilSignal, begun.path));
  await begun.appears();
  controller.abort(new RangeError('enough'));
  assert.equal((await running).thrown.message, 'enough');
  assert.equal(await pool.run(p.pid), pid);
});

test(
  'one that does not listen is killed after its grace; the next task runs in another process',
  limit,
  async (scope) => {
    const pool = processesFor(scope, { size: 1 });
    const begun = filesFor(scope)('pid');
    const controller = new AbortController();
    const { signal } = controller;
    const given = outcome(pool.with({ signal, grace: 50 }).run(p.deaf, begun.path));
    await begun.appears();
    controller.abort('enough');
    assert.equal((await given).thrown, 'enough');
    assert.equal(await pool.run(t.add, 1, 2), 3);
    const pid = Number(begun.lines()[0]);
    await until(() => !isAlive(pid));
    assert.equal(pool.stats().deaths['given up'], 1);
  },
);

test(
  'a task that waits is dropped, and one that was sent ahead is called back: neither ever runs',
  limit,
  async (scope) => {
    const pool = processesFor(scope, { size: 1 });
    const file = filesFor(scope);
    const [gate, begun, notes] = [file('gate'), file('begun'), file('notes')];
    // Short ones, so that the next ones are sent ahead.
    for (let i = 0; i < 50; i++) await pool.run(t.add, i, 1);
    const blocked = pool.run(p.untilThere, gate.path, begun.path, 'done');
    const controller = new AbortController();
    const given = Array.from({ length: 40 }, (_, i) =>
      outcome(pool.with({ signal: controller.signal }).run(p.noted, notes.path, i)),
    );
    const kept = pool.run(p.noted, notes.path, 'kept');
    await begun.appears();
    controller.abort('no more');
    for (const each of given) assert.equal((await each).thrown, 'no more');
    // Its process has said that they will not begin.
    await until(() => pool.stats().abandoned === 0);
    gate.make();
    assert.equal(await blocked, 'done');
    await kept;
    assert.deepEqual(notes.lines(), ['kept']);
  },
);

test(
  'first in, first out; and what was sent ahead does not wait behind a long task',
  limit,
  async (scope) => {
    const one = processesFor(scope, { size: 1 });
    const file = filesFor(scope);
    const notes = file('notes');
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    await Promise.all(numbers.map((i) => one.run(p.noted, notes.path, i)));
    assert.deepEqual(notes.lines().map(Number), numbers);

    const two = processesFor(scope, { size: 2 });
    for (let i = 0; i < 100; i++) await Promise.all([two.run(t.add, i, 1), two.run(t.add, i, 2)]);
    const [gate, begun] = [file('gate'), file('begun')];
    const short = [];
    for (let i = 0; i < 40; i++) short.push(two.run(t.add, i, 1));
    const long = two.run(p.untilThere, gate.path, begun.path);
    for (let i = 0; i < 100; i++) short.push(two.run(t.add, i, 1));
    await Promise.all(short);
    gate.make();
    await long;
  },
);

test('a higher priority begins first', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const file = filesFor(scope);
  const [gate, begun, notes] = [file('gate'), file('begun'), file('notes')];
  // From the first priority on nothing is sent ahead.
  for (let i = 0; i < 50; i++) await pool.with({ priority: 1 }).run(t.add, i, 1);
  const blocked = pool.run(p.untilThere, gate.path, begun.path);
  const add = (name, priority) => pool.with({ priority }).run(p.noted, notes.path, name);
  const rest = [add('a', 0), add('b', 0), add('c', 5), add('d', -1), add('e', 5), add('f', 0)];
  await begun.appears();
  gate.make();
  await Promise.all([blocked, ...rest]);
  assert.deepEqual(notes.lines(), ['c', 'e', 'a', 'b', 'f', 'd']);
});

test('a process that dies rejects its own task alone, and no task runs twice', limit, async (scope) => {
  const ways = [
    [p.killed, ['SIGKILL'], /killed by SIGKILL/, 'signal'],
    [p.killed, ['SIGALRM'], /killed by SIGALRM/, 'signal'],
    [t.exit, [0], /process\.exit\(0\)/, 'exit'],
    [t.exitLater, [7], /process\.exit\(7\)/, 'exit'],
    [t.crash, ['boom'], /nothing caught/, 'error'],
  ];
  for (const [fn, args, message, death] of ways) {
    const pool = processesFor(scope, { size: 2 });
    const notes = filesFor(scope)('notes');
    const before = Array.from({ length: 60 }, (_, i) => pool.run(p.noted, notes.path, i));
    const dying = outcome(pool.run(fn, ...args));
    const after = Array.from({ length: 60 }, (_, i) => pool.run(p.noted, notes.path, 60 + i));
    const { thrown } = await dying;
    assert.ok(thrown instanceof ProcessDiedError, String(thrown));
    assert.equal(thrown.code, 'ERR_ISTHMUS_PROCESS_DIED');
    assert.match(thrown.message, message);
    await Promise.all([...before, ...after]);
    const lines = notes.lines().map(Number);
    assert.equal(lines.length, 120);
    assert.equal(new Set(lines).size, 120, 'none ran twice');
    assert.equal(pool.stats().deaths[death], 1);
    await pool.destroy();
  }
});

test('what an uncaught error said is the cause', limit, async () => {
  const { thrown } = await outcome(toProcess(t.crash, 'boom'));
  assert.equal(thrown.cause.message, 'boom');
});

test('a limit of memory: who exceeds it dies, by name, and the pool heals', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1, memory: 48 });
  const { thrown } = await outcome(pool.run(p.allocate, 2000));
  assert.ok(thrown instanceof ProcessDiedError, String(thrown));
  assert.match(thrown.message, /memory/);
  assert.equal(await pool.run(p.allocate, 2), 2);
  assert.equal(pool.stats().deaths.memory, 1);
});

test('killed from outside while idle: nobody is rejected, and the next task works', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const pid = await pool.run(p.pid);
  process.kill(pid, 'SIGKILL');
  await until(() => pool.stats().workers.length === 0);
  assert.notEqual(await pool.run(p.pid), pid);
});

test('what a terminal or a service tells all its processes is the host’s matter', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const pid = await pool.run(p.pid);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.kill(pid, signal);
    assert.equal(await pool.run(p.pid), pid, signal);
  }
});

for (const kind of ['thread', 'process']) {
  test(
    `${kind}: classes are known before the first task’s arguments are put together`,
    limit,
    async (scope) => {
      const pool = poolFor(scope, { kind, size: 1 });
      assert.equal(await pool.run(r.isMoney, new r.Money(2, 'EUR')), '2 EUR');
      const other = poolFor(scope, { kind, size: 1 });
      assert.equal(await other.run(p.isMoneyHere, [new r.Money(3, 'EUR')]), '3 EUR');
    },
  );

  test(
    `${kind}: a worker that an earlier task has left busy is passed by, and ended where it is wanted`,
    limit,
    async (scope) => {
      const two = poolFor(scope, { kind, size: 2 });
      await two.run(p.leaves, 'for a while');
      // Although only one was there until now.
      for (let i = 0; i < 20; i++) assert.equal(await two.run(t.add, i, 1), i + 1);
      for (const what of ['a loop', 'microtasks']) {
        const one = poolFor(scope, { kind, size: 1 });
        await one.run(t.add, 1, 2);
        assert.equal(await one.run(p.leaves, what), what);
        // The first of them may be taken before what was left begins.
        while (one.stats().deaths['given up'] === 0) assert.equal(await one.run(t.add, 1, 2), 3);
        await one.close();
      }
    },
  );
}

test('a process that closes its pool’s pipes, or writes into one, is ended', limit, async (scope) => {
  for (const what of [3, 4, 5, 'text']) {
    const pool = processesFor(scope, { size: 1 });
    const { value, thrown } = await outcome(pool.run(p.breaks, what));
    if (thrown !== undefined) assert.ok(thrown instanceof ProcessDiedError, String(thrown));
    else assert.equal(value, what);
    // It may have been given this one before anybody knew.
    const next = await outcome(pool.run(t.add, 1, 2));
    assert.ok(next.value === 3 || next.thrown instanceof ProcessDiedError, String(next.thrown));
    await until(() => Object.values(pool.stats().deaths).some((count) => count > 0));
    assert.equal(await pool.run(t.add, 1, 2), 3);
  }
});

test('work that nothing can settle any more', limit, async () => {
  const { thrown } = await outcome(toProcess(t.never));
  assert.ok(thrown instanceof NeverSettlesError, String(thrown));
  assert.equal(await toProcess(t.add, 1, 2), 3);
});

test('timers of an idle process go on', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  await pool.run(p.tick);
  let before = 0;
  for (let i = 0; i < 3; i++) {
    for (;;) {
      const now = await pool.run(p.ticked);
      if (now > before) {
        before = now;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
});

test('a timeout counts the waiting too', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const file = filesFor(scope);
  const [gate, begun] = [file('gate'), file('begun')];
  const blocked = pool.run(p.untilThere, gate.path, begun.path);
  await begun.appears();
  const { thrown } = await outcome(pool.with({ timeout: 5 }).run(t.add, 1, 2));
  assert.ok(thrown instanceof TimeoutError);
  gate.make();
  await blocked;
});

test('a limiter caps processes and threads alike', limit, async (scope) => {
  const limiter = new Limiter(1);
  const file = filesFor(scope);
  const [gate, begun] = [file('gate'), file('begun')];
  const first = toProcess.with({ limiter })(p.untilThere, gate.path, begun.path);
  const second = toProcess.with({ limiter })(t.add, 1, 2);
  await begun.appears();
  assert.equal(limiter.stats().waiting, 1);
  gate.make();
  await first;
  assert.equal(await second, 3);
});

test('close() drains, destroy() rejects, and the processes are gone', limit, async (scope) => {
  const pool = processesFor(scope, { size: 2 });
  const tasks = Array.from({ length: 50 }, (_, i) => pool.run(t.add, i, 1));
  await pool.run(p.pid);
  const pids = pool.stats().workers.map(({ pid }) => pid);
  await pool.close();
  assert.equal((await Promise.all(tasks)).length, 50);
  assert.ok(pids.length > 0 && pids.every((pid) => !isAlive(pid)));
  assert.equal(await codeOf(pool.run(t.add, 1, 2)), 'ERR_ISTHMUS_POOL_CLOSED');

  const other = processesFor(scope, { size: 1 });
  const begun = filesFor(scope)('pid');
  const busy = outcome(other.run(p.deaf, begun.path));
  const waiting = outcome(other.run(t.add, 1, 2));
  await begun.appears();
  await other.destroy();
  assert.ok((await busy).thrown instanceof PoolClosedError);
  assert.ok((await waiting).thrown instanceof PoolClosedError);
  assert.ok(!isAlive(Number(begun.lines()[0])));
});

test('what takes long to come, or to read, is begun where it comes, and sent once', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const pid = await pool.run(p.pid);
  const bytes = Buffer.alloc(2 ** 25, 'isthmus');
  const rows = Array.from({ length: 300_000 }, (_, id) => ({ id, name: `row ${id}` }));
  assert.ok(bytes.equals(await pool.run(t.echo, bytes)));
  assert.deepEqual((await pool.run(t.echo, rows)).at(-1), rows.at(-1));
  // Also behind something that takes longer than anything is waited for.
  const busy = pool.run(t.spinFor, 50);
  assert.equal(await pool.run(t.count, bytes, rows), 2);
  await busy;
  assert.equal(await pool.run(p.pid), pid);
});

test('what is given up on its way is not run, and the next one is', limit, async (scope) => {
  const pool = processesFor(scope, { size: 1 });
  const file = filesFor(scope)('begun');
  await pool.run(p.pid);
  const bytes = Buffer.alloc(2 ** 26);
  // At once, and after it has been said that they come.
  for (const turns of [0, 1, 20]) {
    const giving = new AbortController();
    const given = outcome(pool.with({ signal: giving.signal, grace: false }).run(p.noted, file.path, bytes));
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    giving.abort();
    assert.equal((await given).thrown?.name, 'AbortError');
  }
  assert.equal(await pool.run(t.add, 1, 2), 3);
  assert.ok(!file.exists());
});

test('idle processes are ended, and counted no more', limit, async (scope) => {
  const pool = processesFor(scope, { size: 2, idleTimeout: 20 });
  await pool.run(t.add, 1, 2);
  await until(() => pool.stats().workers.length === 0);
  assert.deepEqual({ ...pool.stats().deaths }, { exit: 0, error: 0, memory: 0, signal: 0, 'given up': 0 });
  assert.equal(await pool.run(t.add, 1, 2), 3);
});

test('threads too can have a limit of memory', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1, memory: 32 });
  assert.equal(await codeOf(pool.run(p.allocate, 2000)), 'ERR_ISTHMUS_THREAD_DIED');
  assert.equal(await pool.run(t.add, 1, 2), 3);
  assert.equal(pool.stats().deaths.memory, 1);
});

test('options are checked', limit, async () => {
  const { createPool } = await import('isthmus');
  for (const options of [{ kind: 'cluster' }, { kind: 'process', memory: 0 }, { memory: '64' }]) {
    assert.throws(() => createPool(options), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
  }
  assert.equal(await codeOf(toProcess(5)), 'ERR_ISTHMUS_INVALID_ARGUMENT');
  assert.match((await outcome(toProcess(5))).thrown.message, /^toProcess\(\) takes/);
});
