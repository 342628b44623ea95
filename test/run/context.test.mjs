// Async context is the same before, inside and after a call, and what runs meanwhile has its own.
import assert from 'node:assert/strict';
import {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
} from 'node:async_hooks';
import { pbkdf2 } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { run } from 'isthmus';

const limit = { timeout: 15_000 };
const storage = new AsyncLocalStorage();
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

const waits = {
  'settled work': async () => {},
  'a microtask': async () => {
    await null;
    await null;
  },
  'a tick': () => new Promise((resolve) => process.nextTick(resolve)),
  'a timer': () => later(2),
  'an immediate': () => new Promise((resolve) => setImmediate(resolve)),
  'a file': () => readFile(new URL(import.meta.url)),
  'the thread pool': () => promisify(pbkdf2)('a', 'b', 1, 8, 'sha1'),
  'a port': () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.once('message', () => {
        port1.close();
        resolve();
      });
      port2.postMessage(1);
    }),
  'an event': () => {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit('end'), 1);
    return new Promise((resolve) => emitter.once('end', resolve));
  },
  'a thenable': () => ({ ['then']: (resolve) => setTimeout(resolve, 1) }),
};

const is = (expected, where) => assert.equal(storage.getStore(), expected, where);

/** Others that run while the call waits, each in a context of its own; `done` throws what they found wrong. */
function others() {
  const seen = [];
  const note = (own) => seen.push([own, storage.getStore()]);
  for (const [i, start] of [
    queueMicrotask,
    process.nextTick,
    setImmediate,
    (f) => setTimeout(f, 1),
  ].entries()) {
    storage.run(`other ${i}`, () => start(() => note(`other ${i}`)));
    storage.exit(() => start(() => note(undefined)));
    storage.run(`leak ${i}`, () => start(() => storage.enterWith('leaked')));
  }
  return () => {
    run(later(10));
    assert.equal(seen.length, 8);
    for (const [own, found] of seen) assert.equal(found, own);
  };
}

for (const [title, make] of Object.entries(waits)) {
  test(`AsyncLocalStorage while waiting for ${title}`, limit, () => {
    const work = async () => {
      is('mine', 'when it starts');
      await make();
      is('mine', 'when it goes on');
    };
    const failing = async () => {
      await make();
      throw new RangeError();
    };
    const check = () => {
      const done = others();
      run(work);
      is('mine', 'after a function');
      run(make());
      is('mine', 'after a promise');
      run(make().then?.(() => is('mine', 'in then')) ?? work());
      run(async () => {
        await make();
        storage.run('inner', () => {
          run(make());
          is('inner', 'after an inner call');
        });
        is('mine', 'around the inner call');
        run(work);
        is('mine', 'after a nested call');
      });
      is('mine', 'after nested calls');
      assert.throws(() => run(failing), RangeError);
      is('mine', 'after a rejection');
      done();
      is('mine', 'at the end');
    };
    is(undefined, 'before');
    storage.run('mine', check);
    is(undefined, 'outside');
    storage.run('outer', () =>
      storage.exit(() => {
        run(make());
        is(undefined, 'after a call without a store');
      }),
    );
  });

  test(`executionAsyncId and its resource while waiting for ${title}`, limit, () => {
    const ids = () => [executionAsyncId(), triggerAsyncId(), executionAsyncResource()];
    const same = (before) => {
      const after = ids();
      assert.deepEqual(after.slice(0, 2), before.slice(0, 2));
      assert.equal(after[2], before[2]);
    };
    const before = ids();
    run(make());
    same(before);
    run(async () => run(make()));
    same(before);
    const resource = new AsyncResource('OWN');
    resource.runInAsyncScope(() => {
      assert.equal(executionAsyncId(), resource.asyncId());
      run(make());
      assert.equal(executionAsyncId(), resource.asyncId());
      assert.equal(executionAsyncResource(), resource);
    });
    same(before);
  });
}

test('hooks see every scope that is entered being left, in order', limit, () => {
  const open = [];
  const wrong = [];
  const before = (id) => open.push(id);
  const after = (id) => {
    if (open.length > 0 && open.pop() !== id) wrong.push(id);
  };
  const hook = createHook({ before, after }).enable();
  for (const make of Object.values(waits)) run(async () => run(make()));
  hook.disable();
  assert.deepEqual([wrong, open], [[], []]);
});
