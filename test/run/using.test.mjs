// `run.using`: the sync view of an async disposable.
import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, run } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

function resource(name, log) {
  const dispose = async () => {
    log.push(`closing ${name}`);
    await later(10);
    log.push(`closed ${name}`);
  };
  return { name, [Symbol.asyncDispose]: dispose };
}

test('disposing of the view waits until the resource is disposed of', limit, () => {
  const log = [];
  const opened = resource('file', log);
  const view = run.using(opened);
  assert.equal(view.value, opened);
  assert.deepEqual(log, []);
  view[Symbol.dispose]();
  assert.deepEqual(log, ['closing file', 'closed file']);
});

test('a promise of a resource is awaited first', limit, () => {
  const log = [];
  const view = run.using(later(5, resource('late', log)));
  assert.equal(view.value.name, 'late');
  view[Symbol.dispose]();
  assert.deepEqual(log, ['closing late', 'closed late']);
  const fault = new Error('cannot be opened');
  assert.throws(
    () => run.using(Promise.reject(fault)),
    (error) => error === fault,
  );
});

test('it is disposed of once, however often one asks', limit, () => {
  const log = [];
  const view = run.using(resource('once', log));
  for (let i = 0; i < 3; i++) view[Symbol.dispose]();
  assert.equal(log.length, 2);
});

test('`using` closes in reverse order', limit, (t) => {
  const log = [];
  let both;
  try {
    both = new Function(
      'a',
      'b',
      'log',
      'using one = a(); using two = b(); log.push(one.value.name + two.value.name);',
    );
  } catch {
    t.diagnostic(`Node ${process.version} does not parse \`using\`: the same by hand`);
    both = (a, b) => {
      const one = a();
      const two = b();
      log.push(one.value.name + two.value.name);
      two[Symbol.dispose]();
      one[Symbol.dispose]();
    };
  }
  both(
    () => run.using(resource('a', log)),
    () => run.using(later(1, resource('b', log))),
    log,
  );
  assert.deepEqual(log, ['ab', 'closing b', 'closed b', 'closing a', 'closed a']);
});

test('an error of the disposal comes out, once', limit, () => {
  const fault = new Error('cannot be closed');
  for (const dispose of [
    async () => later(1).then(() => Promise.reject(fault)),
    () => {
      throw fault;
    },
  ]) {
    const view = run.using({ [Symbol.asyncDispose]: dispose });
    assert.throws(
      () => view[Symbol.dispose](),
      (error) => error === fault,
    );
    view[Symbol.dispose]();
  }
});

test('a resource with only Symbol.dispose is taken, and the async way is preferred', limit, () => {
  const log = [];
  const plain = { [Symbol.dispose]: () => log.push('sync') };
  run.using(plain)[Symbol.dispose]();
  const both = { ...plain, [Symbol.asyncDispose]: async () => log.push('async') };
  run.using(both)[Symbol.dispose]();
  assert.deepEqual(log, ['sync', 'async']);
});

test('the disposal is called on the resource', limit, () => {
  class Lock {
    #held = true;
    async [Symbol.asyncDispose]() {
      await later(1);
      this.#held = false;
    }
    get held() {
      return this.#held;
    }
  }
  const lock = new Lock();
  const view = run.using(lock);
  assert.equal(lock.held, true);
  view[Symbol.dispose]();
  assert.equal(lock.held, false);
});

test('a file handle', limit, () => {
  const file = run.using(open(fileURLToPath(import.meta.url)));
  assert.match(run(file.value.readFile('utf8')), /a file handle/);
  assert.ok(file.value.fd > 0);
  file[Symbol.dispose]();
  assert.equal(file.value.fd, -1);
});

test('opening can be left by timeout and by signal', limit, () => {
  const ticking = setInterval(() => {}, 20);
  const never = new Promise(() => {});
  assert.throws(() => run.using(never, { timeout: 20 }), { code: 'ERR_ISTHMUS_TIMEOUT' });
  assert.throws(() => run.using(never, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
  clearInterval(ticking);
});

test('what cannot be disposed of is refused by name', limit, () => {
  for (const value of [undefined, null, 5, {}, later(1, {}), { [Symbol.asyncDispose]: true }]) {
    assert.throws(() => run.using(value), InvalidArgumentError);
  }
  assert.equal(run(later(1, 'next')), 'next');
});
