// What `run` takes and what it gives: for every kind of work the same as `await`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { run } from 'isthmus';
import { play } from './script.mjs';

const limit = { timeout: 10_000 };
const tag = { the: 'value' };
const fault = new RangeError('the error');
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const laterFails = (ms, error) => new Promise((_, reject) => setTimeout(reject, ms, error));

// Biome takes a literal `then` for a mistake.
const name = 'then';
const thenable = (then) => ({ [name]: then });
const getter = (get) => Object.defineProperty({}, name, { get });
const withOwn = (promise, then) => Object.assign(promise, { [name]: then });

class Sub extends Promise {}
class Doubled extends Promise {
  constructor(executor) {
    super(executor);
    Reflect.set(this, name, (resolve, reject) =>
      super.then((value) => resolve([value, value].length), reject),
    );
  }
}
const realm = vm.createContext({ tag, fault, setTimeout });

const works = {
  'a fulfilled promise': () => Promise.resolve(tag),
  'a rejected promise': () => Promise.reject(fault),
  'a promise that a microtask fulfils': () => Promise.resolve().then(() => tag),
  'a promise that a timer fulfils': () => later(2, tag),
  'a promise that a timer rejects': () => laterFails(2, fault),
  'a promise that an immediate fulfils': () => new Promise((resolve) => setImmediate(resolve, tag)),
  'a promise that a tick fulfils': () => new Promise((resolve) => process.nextTick(resolve, tag)),
  'a promise of a promise of a promise': async () => later(1, later(1, Promise.resolve(tag))),
  'a promise that resolves to a thenable': async () => thenable((resolve) => setTimeout(resolve, 1, tag)),
  'a promise of a subclass': () => new Sub((resolve) => setTimeout(resolve, 1, tag)),
  'a fulfilled promise of a subclass': () => Sub.resolve(tag),
  'a rejected promise of a subclass': () => Sub.reject(fault),
  'a subclass whose instances have a then of their own': () => Doubled.resolve(tag),
  'a promise with a then of its own': () => withOwn(Promise.resolve(tag), (resolve) => resolve('its own')),
  'a pending promise with a then of its own': () => withOwn(later(1, tag), (resolve) => resolve('its own')),
  'a promise of another realm': () => vm.runInContext('new Promise((r) => setTimeout(r, 1, tag))', realm),
  'a fulfilled promise of another realm': () => vm.runInContext('Promise.resolve(tag)', realm),
  'a rejected promise of another realm': () => vm.runInContext('Promise.reject(fault)', realm),
  'a thenable that calls back at once': () => thenable((resolve) => resolve(tag)),
  'a thenable that calls back later': () => thenable((resolve) => setTimeout(resolve, 1, tag)),
  'a thenable that rejects later': () => thenable((_, reject) => setTimeout(reject, 1, fault)),
  'a thenable that throws': () =>
    thenable(() => {
      throw fault;
    }),
  'a thenable that calls back and then throws': () =>
    thenable((resolve) => {
      resolve(tag);
      throw fault;
    }),
  'a thenable that calls back twice': () =>
    thenable((resolve, reject) => {
      resolve(tag);
      reject(fault);
      resolve('the second');
    }),
  'a thenable that gives a thenable': () => thenable((resolve) => resolve(thenable((inner) => inner(tag)))),
  'a thenable that may be asked only once': () => {
    let asked = 0;
    return thenable((resolve, reject) => (asked++ === 0 ? setTimeout(resolve, 1, tag) : reject(fault)));
  },
  'a thenable whose then can be read only once': () => {
    let read = 0;
    return getter(() => (read++ === 0 ? (resolve) => resolve(tag) : undefined));
  },
  'a getter of then that throws': () =>
    getter(() => {
      throw fault;
    }),
  'a function with a then': () =>
    Object.assign(
      () => 'not called',
      thenable((resolve) => resolve(tag)),
    ),
  'an object whose then is no function': () => Object.assign(tag, { [name]: 'a word' }),
};

async function outcome(work) {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}
function outcomeSync(work) {
  try {
    return { value: run(work()) };
  } catch (error) {
    return { error };
  }
}
function same(actual, expected) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected), `${actual.error?.stack}`);
  assert.ok(Object.is(actual.value, expected.value), `gave ${String(actual.value)}`);
  assert.ok(Object.is(actual.error, expected.error), `threw ${String(actual.error)}`);
}

for (const [title, work] of Object.entries(works)) {
  test(`run gives what await gives: ${title}`, limit, async () => {
    const wrap = async () => work();
    same(
      outcomeSync(() => work),
      await outcome(work),
    );
    same(
      outcomeSync(() => wrap),
      await outcome(wrap),
    );
    // A function that is also thenable is work to be started.
    if (title !== 'a function with a then') same(outcomeSync(work), await outcome(work));
  });
}

const plain = [
  undefined,
  null,
  true,
  0,
  -0,
  Number.NaN,
  7n,
  '',
  'word',
  Symbol('s'),
  tag,
  [tag],
  new Date(0),
  /x/,
];
for (const value of plain) {
  const shown = Object.is(value, -0) ? '-0' : String(value);
  test(`${typeof value} ${shown} comes back as it is`, limit, () => {
    const ways = [value, () => value, async () => value, Promise.resolve(value), later(1, value)];
    for (const work of [...ways, thenable((resolve) => resolve(value))]) {
      assert.ok(Object.is(run(work), value), `${String(work)} gave another value`);
    }
  });
}

test('a function that returns a function gives that function, uncalled', limit, () => {
  let called = 0;
  const inner = () => called++;
  assert.equal(
    run(() => inner),
    inner,
  );
  assert.equal(run(Promise.resolve(inner)), inner);
  assert.equal(called, 0);
});

test('a function is given a signal, which stays quiet when the work is done', limit, () => {
  let told;
  const value = run(async (signal) => {
    told = signal;
    return later(2, tag);
  });
  assert.equal(value, tag);
  assert.ok(told instanceof AbortSignal);
  assert.equal(told.aborted, false);
});

test('a function that declares a parameter is given a signal, another none', limit, () => {
  assert.ok(run((signal) => signal) instanceof AbortSignal);
  assert.equal(
    run((...given) => given.length),
    0,
  );
});

test('a rejected promise that run has watched is no unhandled rejection', { timeout: 30_000 }, async () => {
  const script = (watch) => `
    const seen = [];
    process.on('unhandledRejection', (reason) => seen.push(reason));
    for (const make of [() => Promise.reject(1), async () => { await later(1); throw 2; }, () => later(1).then(() => Promise.reject(3))]) {
      const promise = make();
      ${watch};
    }
    await later(20);
    console.log(seen.join());`;
  assert.equal(await play(script('codeOf(() => run(promise))')), '\n');
  assert.equal(await play(script('promise')), '1,2,3\n', 'what is not watched must be reported');
});
