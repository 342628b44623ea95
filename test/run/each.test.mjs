// `run.each`: what `for await` does, in a sync loop, one step at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError, run } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const never = () => new Promise(() => {});

/** Counts up for ever and notes what is done. */
function counter(log = []) {
  async function* count() {
    try {
      for (let i = 1; ; i++) {
        log.push(`pull ${i}`);
        await later(1);
        try {
          yield i;
        } catch (error) {
          log.push(`told ${error}`);
        }
      }
    } finally {
      await later(20);
      log.push('closed');
    }
  }
  return { log, source: count() };
}

test('it is lazy: a value is pulled when it is asked for, and no sooner', limit, () => {
  const { log, source } = counter();
  const values = run.each(source);
  assert.deepEqual(log, []);
  assert.deepEqual(values.next(), { done: false, value: 1 });
  run(later(10));
  assert.deepEqual(log, ['pull 1']);
  assert.deepEqual(values.next(), { done: false, value: 2 });
  assert.deepEqual(log, ['pull 1', 'pull 2']);
  values.return();
});

test('break closes the source and waits until it has cleaned up', limit, () => {
  const { log, source } = counter();
  for (const value of run.each(source)) if (value === 2) break;
  assert.deepEqual(log, ['pull 1', 'pull 2', 'closed']);
});

test('an exception that leaves the loop closes the source too', limit, () => {
  const { log, source } = counter();
  const fault = new Error('in the body');
  const loop = () => {
    for (const _ of run.each(source)) throw fault;
  };
  assert.throws(loop, (error) => error === fault);
  assert.deepEqual(log, ['pull 1', 'closed']);
});

test('nested loops end each their own source', limit, () => {
  const outer = counter();
  const inner = counter();
  const seen = [];
  rows: for (const row of run.each(outer.source)) {
    for (const cell of run.each(inner.source)) {
      seen.push([row, cell]);
      if (row === 2) break rows;
      if (cell === 3) break;
    }
    inner.source = counter(inner.log).source;
  }
  assert.deepEqual(seen, [
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
  ]);
  assert.equal(inner.log.filter((entry) => entry === 'closed').length, 2);
  assert.deepEqual(outer.log, ['pull 1', 'pull 2', 'closed']);
});

test('throw() reaches the source, which may go on', limit, () => {
  const { log, source } = counter();
  const values = run.each(source);
  values.next();
  assert.deepEqual(values.throw('a word'), { done: false, value: 2 });
  assert.deepEqual(log, ['pull 1', 'told a word', 'pull 2']);
  values.return();
});

test('throw() at a source without one closes it and throws', limit, () => {
  let closed = 0;
  const iterator = { next: async () => ({ value: 1 }), return: async () => ({ done: ++closed > 0 }) };
  const values = run.each({ [Symbol.asyncIterator]: () => iterator });
  values.next();
  assert.throws(() => values.throw(new RangeError('told')), RangeError);
  assert.equal(closed, 1);
});

test('a generator takes what next() is given, and its return value comes with done', limit, () => {
  async function* talk() {
    const first = yield 'ask';
    await later(1);
    const second = yield `got ${first}`;
    return `ended with ${second}`;
  }
  const values = run.each(talk());
  assert.deepEqual(values.next('ignored'), { done: false, value: 'ask' });
  assert.deepEqual(values.next('a'), { done: false, value: 'got a' });
  assert.deepEqual(values.next('b'), { done: true, value: 'ended with b' });
  assert.deepEqual(values.next(), { done: true, value: undefined });
  assert.deepEqual(run.each(talk()).return('early'), { done: true, value: 'early' });
});

test('an error of the source comes out as it is, and ends it', limit, () => {
  const fault = new TypeError('of the source');
  async function* failing() {
    yield 1;
    await later(1);
    throw fault;
  }
  const seen = [];
  const loop = () => {
    for (const value of run.each(failing())) seen.push(value);
  };
  assert.throws(loop, (error) => error === fault);
  assert.deepEqual(seen, [1]);
  for (const thrown of [undefined, 0]) {
    let caught = 'nothing';
    const source = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(thrown) }) };
    try {
      run.each(source).next();
    } catch (error) {
      caught = error;
    }
    assert.equal(caught, thrown);
  }
});

test('a sync iterable of promises is awaited value by value', limit, () => {
  assert.deepEqual([...run.each([later(5, 'a'), Promise.resolve('b'), 'c'])], ['a', 'b', 'c']);
  assert.deepEqual([...run.each(new Set([later(1, 1), 2]))], [1, 2]);
  assert.deepEqual([...run.each('ab')], ['a', 'b']);
  function* promises() {
    yield later(1, 1);
    yield Promise.reject('second');
  }
  const loop = () => {
    for (const _ of run.each(promises()));
  };
  assert.throws(loop, (error) => error === 'second');
});

test('timeout and signal hold for each single step', limit, () => {
  async function* source() {
    yield await later(60, 1);
    yield await later(60, 2);
    yield await never();
  }
  const seen = [];
  const ticking = setInterval(() => {}, 20);
  const loop = (options) => {
    for (const value of run.each(source(), options)) seen.push(value);
  };
  assert.throws(() => loop({ timeout: 100 }), { code: 'ERR_ISTHMUS_TIMEOUT' });
  assert.deepEqual(seen, [1, 2]);
  const controller = new AbortController();
  const steps = run.each({ [Symbol.asyncIterator]: () => ({ next: never }) }, { signal: controller.signal });
  setTimeout(() => controller.abort('left'), 20);
  assert.throws(
    () => steps.next(),
    (error) => error === 'left',
  );
  clearInterval(ticking);
});

test('what is no source is refused by name, and the next call works', limit, () => {
  for (const source of [undefined, null, 5, {}, () => {}, { [Symbol.asyncIterator]: 'no function' }]) {
    assert.throws(() => run.each(source), InvalidArgumentError);
  }
  for (const result of [undefined, 1, 'word']) {
    const values = run.each({ [Symbol.asyncIterator]: () => ({ next: async () => result }) });
    assert.throws(() => values.next(), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
  }
  const fault = new Error('no iterator');
  const throwing = {
    [Symbol.asyncIterator]: () => {
      throw fault;
    },
  };
  assert.throws(
    () => run.each(throwing),
    (error) => error === fault,
  );
  assert.deepEqual([...run.each([later(1, 'next')])], ['next']);
});
