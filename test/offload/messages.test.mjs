// What is said of a refusal is true of threads and of processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThread, toProcess, toThread, UncloneableError } from 'isthmus';
import * as t from '../thread/functions.mjs';
import * as f from './functions.mjs';
import * as host from './host.mjs';
import { limit, outcome, poolFor } from './kit.mjs';

const KINDS = { toThread, toProcess, runInThread: async (...call) => runInThread(...call) };

class Link {
  constructor(next) {
    this.next = next;
  }
}

const SHAPES = {
  objects: (next) => ({ next }),
  arrays: (next) => [next],
  Maps: (next) => new Map([['next', next]]),
  Sets: (next) => new Set([next]),
  'objects of a class': (next) => new Link(next),
  errors: (next) => new Error('deep', { cause: next }),
};

function chain(shape, length, end = {}) {
  let value = end;
  for (let i = 0; i < length; i++) value = SHAPES[shape](value);
  return value;
}

for (const [name, call] of Object.entries(KINDS)) {
  test(
    `${name}: what is nested too deep is refused by its path, and the next call works`,
    limit,
    async () => {
      for (const shape of Object.keys(SHAPES)) {
        // A Buffer needs a mark; without one it goes another way.
        for (const end of [{}, { bytes: Buffer.from('x') }]) {
          for (const length of [2000, 20_000]) {
            const { thrown } = await outcome(call(t.count, 1, { a: chain(shape, length, end) }));
            assert.ok(thrown instanceof UncloneableError, `${shape}: ${thrown}`);
            assert.equal(thrown.path, 'args[1]');
            assert.match(thrown.message, /^args\[1\] is nested too deep \(more than 1000 levels\)/);
            assert.equal(await call(t.count, 1, 2), 2);
          }
          assert.equal(await call(t.count, chain(shape, 950, end), 2), 2);
        }
      }
    },
  );

  test(`${name}: and so is a result, or what was thrown`, limit, async () => {
    for (const length of [2000, 20_000]) {
      for (const fn of [f.nests, f.throwsNested]) {
        const { thrown } = await outcome(call(fn, length));
        assert.ok(thrown instanceof UncloneableError, String(thrown));
        assert.equal(thrown.path, fn === f.nests ? 'result' : 'thrown');
        assert.match(thrown.message, /nested too deep/);
        assert.equal(await call(t.count, 1, 2), 2);
      }
    }
    let depth = 0;
    for (let at = await call(f.nests, 950); at.in !== undefined; at = at.in) depth++;
    assert.equal(depth, 950);
  });
}

test('many objects of a class that lead to one another are gone through once', limit, async () => {
  const parent = { of: new Link([]) };
  const children = Array.from({ length: 5000 }, () => new Link(parent));
  parent.of.next.push(...children);
  assert.equal(await toThread(t.count, children), 1);
  assert.equal(await toThread(t.count, children, Buffer.from('x')), 2);
});

test('shared bytes are named, and so is a generator', limit, async () => {
  for (const [value, message] of [
    [
      new Uint8Array(new SharedArrayBuffer(8)),
      /^args\[0\] is an object of class Uint8Array on a SharedArrayBuffer, which/,
    ],
    [{ a: new SharedArrayBuffer(8) }, /^args\[0\]\.a is an object of class SharedArrayBuffer, which/],
  ]) {
    const { thrown } = await outcome(toProcess(t.echo, value));
    assert.match(thrown.message, message);
    assert.equal(await toProcess(t.add, 1, 2), 3);
  }
  for (const call of Object.values(KINDS)) {
    const { thrown } = await outcome(call(t.echo, { a: f.numbers(2) }));
    assert.match(thrown.message, /^args\[0\]\.a is a generator, which cannot be sent/);
    const back = await outcome(call(f.hidesGenerator));
    assert.match(back.thrown.message, /result\.a is a generator, which cannot be sent/);
  }
});

test('each kind advises its own calls', limit, async (scope) => {
  const local = outcome(toProcess(() => local));
  assert.match((await local).thrown.message, /cannot be found from another thread or process/);
  for (const [call, other] of [
    [toThread, 'toProcess'],
    [toProcess, 'toThread'],
  ]) {
    const name = call === toThread ? 'toThread' : 'toProcess';
    const to = call === toThread ? 'thread' : 'process';
    const { thrown } = await outcome(call(f.gives, 'generator'));
    assert.match(thrown.message, new RegExp(`cannot be sent to another ${to}\\..*${name}\\.each`));
    assert.ok(!thrown.message.includes(other));
  }
  const { fromThread } = await import('isthmus');
  assert.throws(() => fromThread.run(host.next), /a function that toThread\(\) or toProcess\(\) runs/);
  const processes = poolFor(scope, { kind: 'process', size: 1 });
  for (const make of [(options) => toProcess.with(options), (options) => processes.with(options)]) {
    assert.throws(
      () => make({ timeoutt: 1 }),
      ({ message }) =>
        /no option "timeoutt"; it takes \{ .*bySource, through \}/.test(message) && !/transfer/.test(message),
    );
    make({ transfer: undefined });
    assert.throws(() => make(null), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
  }
  assert.throws(() => toThread.with({ timeoutt: 1 }), /transfer/);
});
