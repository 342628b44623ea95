// Async context with every way of changing it, and in what is built upon `run`.
import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { test } from 'node:test';
import { run, turn } from 'isthmus';

const limit = { timeout: 15_000 };
const storage = new AsyncLocalStorage();
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

const is = (expected, where) => assert.equal(storage.getStore(), expected, where);

test('enterWith before, in the sync part of the work, and after', limit, () => {
  storage.run('outer', () => {
    storage.enterWith('entered');
    run(later(1));
    is('entered', 'after a call');
    run(() => {
      storage.enterWith('by the work');
      return later(1);
    });
    is('by the work', 'a sync callee changes its caller, with run as without');
    run(async () => {
      await later(1);
      storage.enterWith('too late');
    });
    is('by the work', 'what happens while it waits stays there');
  });
  is(undefined, 'outside');
});

test('snapshot and bind', limit, () => {
  const snapshot = storage.run('taken', () => AsyncLocalStorage.snapshot());
  const bound = storage.run('bound', () =>
    AsyncResource.bind(() => [storage.getStore(), run(later(1)), storage.getStore()]),
  );
  storage.run('mine', () => {
    snapshot(() => {
      is('taken', 'inside');
      run(later(1));
      is('taken', 'after');
    });
    assert.deepEqual(bound(), ['bound', undefined, 'bound']);
    is('mine', 'around');
  });
});

test('several stores at once', limit, () => {
  const second = new AsyncLocalStorage();
  storage.run('a', () =>
    second.run('b', () => {
      run(later(1));
      second.run('c', () => run(later(1).then(() => assert.equal(second.getStore(), 'c'))));
      assert.deepEqual([storage.getStore(), second.getStore()], ['a', 'b']);
    }),
  );
});

test('turn() goes on in the context of its caller', limit, async () => {
  const work = async (name) => {
    await turn();
    is(name, 'after turn()');
    run(later(3));
    is(name, 'after the call');
    await turn();
    is(name, 'after a second turn()');
  };
  await Promise.all(['a', 'b', 'c'].map((name) => storage.run(name, work, name)));
  is(undefined, 'outside');
});

test('run.each: the source, the loop and what follows', limit, () => {
  async function* source() {
    for (let i = 0; i < 3; i++) {
      is('mine', 'in the source');
      await later(1);
      is('mine', 'in the source after an await');
      yield i;
    }
  }
  storage.run('mine', () => {
    for (const _ of run.each(source())) is('mine', 'in the loop');
    is('mine', 'after the loop');
  });
});

test('a call that ends early leaves the context as it was', limit, () => {
  const ticking = setInterval(() => {}, 5);
  const never = new Promise(() => {});
  storage.run('mine', () => {
    assert.throws(() => run(never, { timeout: 10 }), { code: 'ERR_ISTHMUS_TIMEOUT' });
    is('mine', 'after a timeout');
    assert.throws(() => run(never, { signal: AbortSignal.timeout(10) }));
    is('mine', 'after an abort');
  });
  clearInterval(ticking);
});
