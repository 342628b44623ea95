// Async faces: objects of blocking classes on threads of their own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import {
  asyncFace,
  InvalidArgumentError,
  ReleasedError,
  run,
  runInThread,
  ThreadDiedError,
  TimeoutError,
  toThread,
  UncloneableError,
} from 'isthmus';
import { codeOf, limit, outcome, until, words } from '../offload/kit.mjs';
import { node } from '../run/script.mjs';
import { scriptFile } from '../thread/kit.mjs';
import * as things from './async-things.mjs';
import * as b from './blocking.mjs';

const { Store, NoMoneyError } = b;
const module = new URL('./blocking.mjs', import.meta.url).href;

/** A face for one test, and its words. */
async function storeFor(scope, options = {}, name = 'app.db') {
  const shared = words();
  const store = await asyncFace.with(options)(Store, name, shared.memory);
  scope.after(() => outcome(store[Symbol.asyncDispose]()));
  return Object.assign([store, shared], { store, shared });
}

/** A face of a Thing, for one test. */
async function thingFor(scope, options = {}) {
  const thing = await asyncFace.with(options)(things.Thing);
  scope.after(() => outcome(asyncFace.with({ timeout: 0, grace: 0 }).on(thing)[Symbol.asyncDispose]()));
  return thing;
}

/** What was rejected and heard by nobody, while a test runs. */
function straysOf(scope) {
  const stray = [];
  const note = (error) => stray.push(error);
  process.on('unhandledRejection', note);
  scope.after(() => process.off('unhandledRejection', note));
  return stray;
}

const listOf = async (source) => {
  const list = [];
  for await (const value of source) list.push(value);
  return list;
};
const thrownBy = async (promise) => {
  const { thrown } = await outcome(promise);
  if (thrown === undefined) throw new Error('it should have been rejected');
  return thrown;
};

// What it is -----------------------------------------------------------------------------------------------------------

test('one thread for each object, and it stays there', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const other = (await storeFor(scope)).store;
  const [first, second] = [await store.where(), await other.where()];
  assert.equal(new Set([threadId, first, second]).size, 3);
  assert.deepEqual(await Promise.all([store.where(), other.where()]), [first, second]);
});

test('what a target may be', limit, async (scope) => {
  const makers = [
    () => asyncFace(Store, 'a'),
    () => asyncFace(b.createStore, 'a'),
    () => asyncFace({ module, name: 'Store' }, 'a'),
    () => asyncFace({ module, name: 'createStore' }, 'a'),
  ];
  for (const make of makers) {
    const store = await make();
    scope.after(() => store[Symbol.asyncDispose]());
    assert.equal(await store.name, 'a');
  }
  const counter = await asyncFace(b.createCounter);
  assert.deepEqual([await counter.next(), await counter.up(4)], [1, 5]);
  await counter[Symbol.asyncDispose]();
  const builtin = await asyncFace({ module: 'node:events', name: 'EventEmitter' });
  assert.equal(await builtin.listenerCount('x'), 0);
  await builtin[Symbol.asyncDispose]();
});

test('what it cannot be is said, and no thread is left', limit, async (scope) => {
  const { store } = await storeFor(scope);
  for (const target of [undefined, null, 'Store', 5, {}, { module: './x.js', name: 'x' }, store]) {
    assert.ok((await thrownBy(asyncFace(target))) instanceof InvalidArgumentError, inspect(target));
  }
  assert.equal(await codeOf(asyncFace(class {})), 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(await codeOf(asyncFace({ module: 'file:///none.mjs', name: 'x' })), 'ERR_ISTHMUS_LOAD');
  assert.equal((await thrownBy(asyncFace(Store, 'bad'))).constructor, NoMoneyError);
  const nothing = await thrownBy(asyncFace(b.createNothing));
  assert.match(nothing.message, /createNothing\(\) gave an object/);
  assert.match((await thrownBy(asyncFace(Store, Symbol('x')))).message, /^args\[0\] is a symbol/);
});

test('it is no thenable, has a face for people, and refuses what it cannot do', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.equal(store.then, undefined);
  assert.equal(await store, store);
  assert.equal(inspect(store), '[Store on a thread of its own]');
  assert.equal(inspect((await storeFor(scope, { name: 'users' })).store), '[users on a thread of its own]');
  assert.equal('note' in store, true);
  assert.equal(store.note, store.note);
  assert.equal(store.note.name, 'note');
  assert.equal(JSON.stringify(store), '{}');
  assert.throws(() => {
    store.label = 'x';
  }, /await asyncFace\.set\(face, "label", value\)/);
  assert.throws(() => {
    delete store.label;
  }, TypeError);
  assert.throws(() => Object.freeze(store), TypeError);
  assert.throws(() => asyncFace.with({ limit: 5 }), InvalidArgumentError);
  assert.throws(() => asyncFace.with({ timeout: 'x' }), InvalidArgumentError);
  assert.throws(() => asyncFace.with({ grace: -1 }), InvalidArgumentError);
  assert.throws(() => asyncFace.with({ queue: 1.5 }), InvalidArgumentError);
  assert.throws(() => asyncFace.with(5), InvalidArgumentError);
  for (const face of [{}, null, Store]) {
    assert.throws(() => asyncFace.with({}).on(face), InvalidArgumentError);
    assert.ok((await thrownBy(asyncFace.run(face, b.rowsOf))) instanceof InvalidArgumentError);
    assert.ok((await thrownBy(asyncFace.set(face, 'a', 1))) instanceof InvalidArgumentError);
  }
  assert.throws(() => asyncFace.with({ name: 'x' }).on(store), InvalidArgumentError);
  assert.ok((await thrownBy(asyncFace.set(store, Symbol('x'), 1))) instanceof InvalidArgumentError);
});

test('a face is text where text is wanted, and no JSON', limit, async (scope) => {
  const thing = await thingFor(scope);
  const stray = straysOf(scope);
  const text = '[Thing on a thread of its own]';
  assert.deepEqual([`${thing}`, String(thing), [thing].join()], [text, text, text]);
  assert.ok(Number.isNaN(+thing));
  assert.equal(await thing.toString(), 'a thing');
  assert.equal(JSON.stringify({ thing }), '{"thing":{}}');
  assert.deepEqual([thing.toJSON, 'toJSON' in thing], [undefined, false]);
  await thing[Symbol.asyncDispose]();
  await new Promise(setImmediate);
  assert.deepEqual(stray, []);
});

// Members --------------------------------------------------------------------------------------------------------------

test('properties are promises of what they are there', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.deepEqual([await store.name, await store.size, await store.nothing], ['app.db', 0, undefined]);
  await asyncFace.set(store, 'label', { deep: [1n] });
  assert.deepEqual(await store.label, { deep: [1n] });
  await asyncFace.set(store, 'comment', 'hi');
  assert.equal(await store.comment, 'HI');
  assert.ok((await thrownBy(asyncFace.set(store, 'size', 3))) instanceof TypeError);
  assert.ok((await thrownBy(store.broken)) instanceof NoMoneyError);
  assert.equal(await store.own(1), 'own 1 app.db', 'a function of its own is a method');
  assert.throws(() => store.nothing(), TypeError, 'it is a promise');
});

test('a property that nobody awaits is no unhandled rejection', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const stray = straysOf(scope);
  void store.broken;
  await store.size;
  await new Promise(setImmediate);
  assert.deepEqual(stray, []);
});

test('first in, first out, whatever it is and however large', limit, async (scope) => {
  const { store, shared } = await storeFor(scope);
  const big = 'x'.repeat(100_000);
  const first = store.block('blocked');
  await shared.reaches(1);
  const rest = [];
  for (let i = 0; i < 300; i++) {
    if (i % 7 === 0) rest.push(store.later(i));
    else if (i % 5 === 0) rest.push(store.note(big).then(() => {}));
    else if (i % 3 === 0) rest.push(asyncFace.set(store, 'label', i));
    else rest.push(store.note(i));
  }
  shared.set(0);
  await Promise.all([first, ...rest]);
  const seen = (await store.calls).map((what) => (what === big ? 'big' : what));
  const asked = Array.from({ length: 300 }, (_, i) =>
    i % 7 === 0 ? i : i % 5 === 0 ? 'big' : i % 3 === 0 ? undefined : i,
  ).filter((what) => what !== undefined);
  assert.deepEqual(seen, ['blocked', ...asked]);
});

test('this thread goes on while the other one blocks', limit, async (scope) => {
  const { store, shared } = await storeFor(scope);
  let turns = 0;
  const blocked = store.block('x');
  await shared.reaches(1);
  await new Promise((resolve) => setTimeout(() => resolve(turns++)));
  shared.set(0);
  assert.deepEqual([await blocked, turns], [1, 1]);
});

// What crosses ---------------------------------------------------------------------------------------------------------

test('what has methods stays there, one face for each, and comes home', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const row = await store.insert('a', { deep: [2n] });
  assert.equal(inspect(row), '[Row on a thread of its own]');
  assert.deepEqual([await row.cell(1), await row.width], [{ deep: [2n] }, 2]);
  assert.equal(await store.first(), row);
  assert.equal((await store.all())[0], row);
  assert.equal(await store.has(row), true);
  assert.equal(await store.hasAll({ rows: [row, row] }), true);
  const { rows, total, api } = await store.page();
  assert.deepEqual([rows, total, await api.count()], [[row], 1, 1]);
  const Class = await store.make();
  const made = await new Class('x', 'y');
  assert.equal(await made.cell(1), 'y');
  const emitter = await asyncFace(b.Emitter);
  scope.after(() => emitter[Symbol.asyncDispose]());
  await emitter.on('x', b.double);
  assert.deepEqual([await emitter.listenerCount('x'), await emitter.emit('x', 1)], [1, true]);
  await emitter.off('x', b.double);
  assert.equal(await emitter.listenerCount('x'), 0, 'the same function is the same there');
});

test('what has fields alone is data, and what has nothing is itself', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.deepEqual({ ...(await store.point()) }, { x: 1, y: 2 });
  const ticket = await store.ticket();
  assert.equal(await store.isTicket(ticket), true);
  assert.deepEqual(
    await store.echo(new Map([[1, new Date(0)]]), Buffer.from('x'), new Error('e'), undefined),
    [new Map([[1, new Date(0)]]), Buffer.from('x'), new Error('e'), undefined],
  );
});

test('bytes are moved where that is asked for', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const bytes = new Uint8Array(100_000);
  const [back] = await asyncFace
    .with({ transfer: [bytes.buffer] })
    .on(store)
    .echo(bytes);
  assert.deepEqual([bytes.length, back.length], [0, 100_000]);
  assert.equal((await store.bytes(100_000))[5], 7);
});

test('signals and async iterables among the arguments', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const abort = new AbortController();
  const told = store.aborted(abort.signal);
  await new Promise(setImmediate);
  abort.abort('enough');
  assert.equal(await told, 'enough');
  async function* numbers() {
    yield* [1, 2, 3];
  }
  assert.equal(await store.sum(numbers()), 6);
});

test('a function among the arguments is that of its module, there', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.deepEqual(await store.map(b.double), [2, 4, 6]);
  assert.deepEqual(await store.keep(b.named), ['named', 2]);
  assert.deepEqual(await store.callKept(1), [1, undefined], 'also later');
  assert.equal(await store.keep(b.hostThread).then(() => store.callKept()), await store.where());
  const pay = await store.transaction(b.payTwice);
  assert.equal(inspect(pay), '[the object on a thread of its own]');
  assert.deepEqual(await pay(store, 'ada', 'bob', 10), { ada: 80, bob: 20 });
  assert.ok((await thrownBy(pay(store, 'ada', 'bob', 50))) instanceof NoMoneyError);
  assert.deepEqual(await store.calls, ['begin', 'end', 'begin', 'end']);
  const by = 3;
  const closure = await thrownBy(store.map((x) => x * by));
  assert.equal(closure.code, 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(await codeOf(store.echo({ deep: [() => 1] })), 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(await store.note('fine'), 5);
});

test('asyncFace.run: a function of a module with the object, in one go', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const both = [asyncFace.run(store, b.payTwice, 'ada', 'bob', 10), store.balances()];
  assert.deepEqual(await Promise.all(both), [
    { ada: 80, bob: 20 },
    { ada: 80, bob: 20 },
  ]);
  const row = await store.insert(1);
  assert.deepEqual(await asyncFace.run(store, b.rowsOf), [row]);
  assert.deepEqual(await asyncFace.run(store, { module, name: 'rowsOf' }), [row]);
  assert.deepEqual(await listOf(asyncFace.run(store, b.numbersOf, 3)), [0, 1, 2]);
  assert.equal(await codeOf(asyncFace.run(store, () => 1)), 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(await codeOf(asyncFace.run(store, { module, name: 'nothing' })), 'ERR_ISTHMUS_NO_ADDRESS');
});

test('what cannot cross is named by its path, and all goes on', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const thrown = await thrownBy(store.echo(1, { a: [Symbol('x')] }));
  assert.ok(thrown instanceof UncloneableError);
  assert.equal(thrown.path, 'args[1].a[0]');
  assert.equal((await thrownBy(asyncFace.set(store, 'label', { x: Symbol('x') }))).path, 'args[0].x');
  assert.equal((await thrownBy(asyncFace.run(store, b.rowsOf, Symbol('x')))).path, 'args[0]');
  assert.equal((await thrownBy(store.symbol())).path, 'result.deep[0]');
  assert.equal(await store.note('fine'), 1);
});

test('a promise among the arguments is refused by its path: it was not awaited', limit, async (scope) => {
  const thing = await thingFor(scope);
  const stray = straysOf(scope);
  const refused = [
    ['args[0]', thing.add(thing.add(1, 2), 1)],
    ['args[0]', thing.take(Promise.resolve(1))],
    ['args[1].deep[0]', thing.take(1, { deep: [thing.disposed] })],
    ['args[0]', thing.take(thing.fail())],
    ['args[0]', asyncFace.set(thing, 'disposed', thing.add(1, 2))],
    ['args[0]', asyncFace.run(thing, things.addTo, thing.add(1, 2), 1)],
  ];
  for (const [path, call] of refused) {
    const thrown = await thrownBy(call);
    assert.ok(thrown instanceof UncloneableError, inspect(thrown));
    assert.equal(thrown.path, path);
    assert.match(thrown.message, / is a promise, .* `await` it/);
  }
  assert.equal(await thing.add(await thing.add(1, 2), 1), 4);
  await new Promise(setImmediate);
  assert.deepEqual(stray, []);
});

test('a module is an object with methods', limit, async (scope) => {
  const thing = await thingFor(scope);
  const module = await thing.module();
  assert.equal(await module.ask(), 0);
  assert.equal(await asyncFace.run(thing, things.addTo, 1, 2), 3);
});

test('what is refused is called what it is', limit, async (scope) => {
  const thing = await thingFor(scope);
  const messageOf = async (promise) => (await thrownBy(promise)).message;
  assert.match(await messageOf(asyncFace(things.hiddenClass())), /async-things\.mjs does not export Hidden/);
  const method = await thrownBy(thing.take(thing.add));
  assert.equal(method.code, 'ERR_ISTHMUS_NO_ADDRESS');
  for (const message of [
    method.message,
    await messageOf(asyncFace.run(thing, thing.add)),
    await messageOf(asyncFace(thing.add)),
  ]) {
    assert.match(message, /it is a method of a face, Thing\.add/);
    assert.match(message, /Export a plain function/);
  }
  const face = await thrownBy(toThread(things.addTo, thing));
  assert.equal(face.path, 'args[0]');
  assert.match(face.message, /is the async face Thing, .*asyncFace\.run\(face, fn, \.\.\.args\)/);
  assert.match(await messageOf(toThread(things.addTo, await thing.part())), /is the async face Part/);
  const limited = await thingFor(scope, { queue: 0 });
  const shared = words();
  await limited.wordsOf(shared.memory);
  const blocked = limited.block();
  assert.match(await messageOf(limited.take()), /the most that the queue of its face may hold/);
  shared.set(0);
  await blocked;
  const dead = await thingFor(scope, { grace: 0 });
  await thrownBy(asyncFace.with({ timeout: 20 }).on(dead).spin());
  // Whoever waits meanwhile is told when it dies; a call after that was never sent.
  await thrownBy(dead.take());
  assert.match(
    await messageOf(dead.take()),
    /its thread had ended already: its object was there; make a new face/,
  );
});

test('faces belong to one thread', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const other = (await storeFor(scope)).store;
  const row = await other.insert(1);
  const thrown = await thrownBy(store.has(row));
  assert.ok(thrown instanceof InvalidArgumentError);
  assert.match(thrown.message, /lives on another thread/);
  assert.equal(await codeOf(toThread(b.rowsOf, store)), 'ERR_ISTHMUS_UNCLONEABLE');
  assert.throws(() => runInThread(b.rowsOf, store), UncloneableError);
  assert.equal(await store.note('fine'), 1);
});

test('errors cross whole', limit, async (scope) => {
  const { store } = await storeFor(scope);
  async function caller() {
    await store.pay('bob', 'ada', 1);
  }
  const thrown = await thrownBy(caller());
  assert.ok(thrown instanceof NoMoneyError);
  assert.deepEqual(
    [thrown.code, thrown.owner, thrown.message],
    ['E_MONEY', { name: 'bob' }, 'bob has not enough'],
  );
  assert.match(thrown.stack, /at Store\.pay \(.*blocking\.mjs/);
  assert.match(thrown.stack, /Store\.pay\(\)/);
  assert.match(thrown.stack, /at caller \(.*async-face\.test\.mjs/);
  assert.doesNotMatch(thrown.stack, /dist\//);
});

test('the caller’s context goes along, and the host can be asked', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.equal(await b.user.run('ada', () => store.user()), 'ada');
  assert.equal(await store.user(), undefined);
  const host = store.host();
  await until(() => b.asked.times > 0);
  assert.deepEqual(
    await Promise.all([host, store.note('after')]),
    [threadId, 1],
    'no other thread takes what comes after',
  );
});

test('a sync caller awaits it by run', limit, async (scope) => {
  const { store } = await storeFor(scope);
  assert.equal(run(store.note('sync')), 1);
});

// Iterators ------------------------------------------------------------------------------------------------------------

test(
  'iterators are async iterators: awaited or not, sync or async, of the object itself',
  limit,
  async (scope) => {
    const { store } = await storeFor(scope);
    assert.deepEqual(
      await listOf(store.numbers(100)),
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.deepEqual(await listOf(await store.numbers(3)), [0, 1, 2]);
    assert.deepEqual(await listOf(store.ticks(3)), [0, 1, 2]);
    const row = await store.insert(1);
    assert.deepEqual(await listOf(store), [row]);
    assert.deepEqual(await listOf(store.echo(1, 2)), [1, 2], 'a list as well');
    assert.match((await thrownBy(listOf(store.note('x')))).message, /no iterable/);
    const steps = await store.numbers(1);
    assert.equal(steps[Symbol.asyncIterator](), steps);
    const results = [await steps.next(), await steps.next(), await steps.next(), await steps.return(5)];
    assert.deepEqual(results, [
      { done: false, value: 0 },
      { done: true, value: 'end' },
      { done: true, value: undefined },
      { done: true, value: 5 },
    ]);
    const many = await store.numbers(50);
    const together = await Promise.all(Array.from({ length: 52 }, () => many.next()));
    assert.deepEqual(
      together.slice(0, 50).map(({ value }) => value),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.deepEqual(
      together.slice(50).map(({ done }) => done),
      [true, true],
    );
  },
);

test('other calls come between its steps', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const seen = [];
  for await (const n of store.numbers(40)) seen.push(await store.note(n));
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
});

test('it is read a few values ahead and no more, and leaving it reaches the source', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const shared = words();
  const source = await store.numbers(1000, shared.memory);
  assert.equal(shared.read(0), 0, 'not before it is asked for');
  for (let i = 0; i < 200; i++) {
    assert.deepEqual(await source.next(), { done: false, value: i });
    await store.size;
    assert.ok(shared.read(0) <= i + 16, `${shared.read(0)} at ${i}`);
  }
  assert.equal(shared.read(1), 0);
  assert.deepEqual(await source.return('left'), { done: true, value: 'left' });
  assert.equal(shared.read(1), 1);
  const other = words();
  for await (const n of store.numbers(1000, other.memory)) if (n === 5) break;
  assert.equal(other.read(1), 1, 'waited for');
  const disposed = words();
  const third = await store.numbers(1000, disposed.memory);
  await third.next();
  await third[Symbol.asyncDispose]();
  assert.equal(disposed.read(1), 1);
});

test('what a source throws comes after its values, and it is over', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const seen = [];
  const thrown = await thrownBy(
    (async () => {
      for await (const n of store.failing()) seen.push(n);
    })(),
  );
  assert.deepEqual([seen, thrown.code], [[1, 2], 'E_MONEY']);
  const source = await store.failing();
  await source.next();
  await source.next();
  assert.ok((await thrownBy(source.next())) instanceof NoMoneyError);
  assert.deepEqual(await source.next(), { done: true, value: undefined });
  const told = await store.numbers(5);
  await told.next();
  assert.equal((await thrownBy(told.throw(new Error('mine')))).message, 'mine');
});

test('one that is spoken to is not read ahead', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const talk = await store.talk();
  const heard = [];
  heard.push(await talk.next());
  for (const word of ['a', 'b', 'c']) heard.push(await talk.next(word));
  assert.deepEqual(
    heard.map(({ value }) => value),
    ['hello', 'a', 'a,b', 'a,b,c'],
  );
  await talk.return();
  const late = await store.talk();
  for (let i = 0; i < 2; i++) await late.next();
  assert.ok((await thrownBy(late.next('x'))) instanceof InvalidArgumentError);
});

// Its end --------------------------------------------------------------------------------------------------------------

test('disposing disposes of the object, after what came before, and ends its thread', limit, async () => {
  const shared = words();
  const store = await asyncFace(Store, 'a', shared.memory);
  const row = await store.insert(1);
  const before = store.later('before');
  const [once, twice] = [store[Symbol.asyncDispose](), store[Symbol.asyncDispose]()];
  const after = thrownBy(store.note('after'));
  assert.equal(await before, 1);
  await Promise.all([once, twice]);
  assert.equal(shared.read(3), 1);
  for (const thrown of [await after, await thrownBy(store.size), await thrownBy(row.cell(0))]) {
    assert.ok(thrown instanceof ReleasedError, inspect(thrown));
  }
  await row[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

test('steps that were asked for before it come before it', limit, async () => {
  const thing = await asyncFace(things.Thing);
  const known = thing.numbers(100);
  await known.next();
  const steps = [known.next(), known.next(), known.next(), known.next(), thing.numbers(1).next()];
  const added = thing.add(1, 2);
  const disposed = thing[Symbol.asyncDispose]();
  const after = [thing.add(1, 2), thing.numbers(1).next()].map(thrownBy);
  assert.deepEqual(
    (await Promise.all(steps)).map(({ value }) => value),
    [1, 2, 3, 4, 0],
  );
  assert.equal(await added, 3);
  await disposed;
  for (const thrown of await Promise.all(after)) assert.ok(thrown instanceof ReleasedError, inspect(thrown));
  assert.ok((await thrownBy(listOf(known))) instanceof ReleasedError);
});

for (const [what, options] of [
  ['a call that was given up goes on', {}],
  ['an earlier call goes on', { waits: true }],
]) {
  test(`its timeout holds while ${what}; with a grace, its thread is ended`, limit, async () => {
    const shared = words();
    const thing = await asyncFace(things.Thing);
    await thing.wordsOf(shared.memory);
    const limited = asyncFace.with({ timeout: 50 }).on(thing);
    const blocked = thrownBy(options.waits === true ? thing.block() : limited.block());
    await shared.reaches(1);
    const first = await thrownBy(limited[Symbol.asyncDispose]());
    assert.ok(first instanceof TimeoutError, inspect(first));
    assert.match(first.message, /Thing\[Symbol\.asyncDispose\]\(\) did not finish within 50 ms/);
    assert.match(first.stack, /async-face\.test\.mjs/);
    assert.ok((await thrownBy(limited[Symbol.asyncDispose]())) instanceof TimeoutError);
    assert.ok((await thrownBy(thing.add(1, 2))) instanceof ReleasedError);
    const graced = asyncFace.with({ timeout: 50, grace: 10 }).on(thing);
    assert.ok((await thrownBy(graced[Symbol.asyncDispose]())) instanceof TimeoutError);
    // One without a limit is over when the thread has ended.
    await thing[Symbol.asyncDispose]();
    assert.ok((await blocked) instanceof (options.waits === true ? ThreadDiedError : TimeoutError));
    assert.equal(shared.read(2), 0);
  });
}

test('one that was given up is done when its turn comes', limit, async () => {
  const shared = words();
  const thing = await asyncFace(things.Thing);
  await thing.wordsOf(shared.memory);
  const blocked = thing.block();
  await shared.reaches(1);
  await thrownBy(asyncFace.with({ timeout: 20 }).on(thing)[Symbol.asyncDispose]());
  shared.set(0);
  await blocked;
  await thing[Symbol.asyncDispose]();
  assert.equal(shared.read(2), 1);
});

test('a disposal that does not end is given up, and with a grace ended', limit, async () => {
  const hanging = await asyncFace(things.Hanging);
  assert.equal(await hanging.note(), 'noted');
  const limited = asyncFace.with({ timeout: 50, grace: 10 }).on(hanging);
  assert.ok((await thrownBy(limited[Symbol.asyncDispose]())) instanceof TimeoutError);
  await hanging[Symbol.asyncDispose]();
});

test('what has only close() is closed, once', limit, async () => {
  for (const closes of [true, false]) {
    const shared = words();
    const face = await asyncFace(b.Closable, shared.memory);
    if (closes) await face.close();
    await face[Symbol.asyncDispose]();
    assert.equal(shared.read(0), 1);
  }
});

test('a disposal that throws ends the thread all the same', limit, async () => {
  const store = await asyncFace(Store, 'a');
  await asyncFace.set(store, 'label', 'undisposable');
  assert.ok((await thrownBy(store[Symbol.asyncDispose]())) instanceof NoMoneyError);
  assert.ok((await thrownBy(store.size)) instanceof ReleasedError);
});

test('disposing of another object lets it go alone', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const row = await store.insert(1);
  await row[Symbol.asyncDispose]();
  assert.ok((await thrownBy(row.cell(0))) instanceof ReleasedError);
  assert.ok((await thrownBy(store.has(row))) instanceof ReleasedError);
  const again = await store.first();
  assert.notEqual(again, row);
  assert.equal(await again.cell(0), 1);
  assert.ok((await thrownBy(row.cell(0))) instanceof ReleasedError, 'the old one stays released');
});

test('a face that was let go is named where it is given', limit, async (scope) => {
  const thing = await thingFor(scope);
  const part = await thing.part();
  const numbers = await thing.numbers(5);
  await numbers[Symbol.asyncDispose]();
  assert.match((await thrownBy(thing.take(numbers))).message, /^args\[0\] of Thing\.take\(\) was released/);
  await part[Symbol.asyncDispose]();
  assert.match(
    (await thrownBy(thing.take(1, { parts: [part] }))).message,
    /^args\[1\]\.parts\[0\] of Thing\.take\(\) was/,
  );
});

for (const [name, why] of [
  ['exit', /process\.exit\(3\)/],
  ['crash', /an error that nothing caught/],
]) {
  test(`its thread's death (${name}) is told at once, and for good`, limit, async (scope) => {
    const { store, shared } = await storeFor(scope);
    const row = await store.insert(1);
    const rows = await store.numbers(5);
    await rows.next();
    const first = name === 'exit' ? store.exit(3) : store.crashLater();
    const pending = [first, name === 'crash' ? store.never() : store.note('x'), store.size, rows.next()].map(
      outcome,
    );
    for (const { thrown } of (await Promise.all(pending)).slice(name === 'crash' ? 1 : 0)) {
      assert.ok(thrown instanceof ThreadDiedError, inspect(thrown));
      assert.match(thrown.message, why);
      if (name === 'crash') assert.equal(thrown.cause.code, 'E_MONEY');
    }
    for (const later of [store.note('x'), store.size, row.cell(0), asyncFace.run(store, b.rowsOf)]) {
      const thrown = await thrownBy(later);
      assert.ok(thrown instanceof ThreadDiedError, inspect(thrown));
      assert.match(thrown.message, /make a new face/);
    }
    await store[Symbol.asyncDispose]();
    assert.equal(shared.read(3), 0);
  });
}

test('a thread that dies idle is gone as well', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const warned = new Promise((resolve) => process.once('warning', resolve));
  // An idle thread keeps nothing alive.
  const alive = setInterval(() => {}, 1000);
  scope.after(() => clearInterval(alive));
  await store.crashLater();
  assert.match((await warned).message, /nobody has not enough/);
  assert.ok((await thrownBy(store.size)) instanceof ThreadDiedError);
});

test('a promise that nothing can settle is an error', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const thrown = await thrownBy(store.never());
  assert.equal(thrown.code, 'ERR_ISTHMUS_NEVER_SETTLES');
  assert.match(thrown.message, /^Store\.never\(\)/);
  assert.equal(await store.note('fine'), 1);
});

// Options --------------------------------------------------------------------------------------------------------------

test(
  'timeout: the caller is released, the work goes on, and what comes after waits for it',
  limit,
  async (scope) => {
    const { store, shared } = await storeFor(scope, { name: 'db' });
    const limited = asyncFace.with({ timeout: 50 }).on(store);
    const blocked = thrownBy(limited.block('slow'));
    await shared.reaches(1);
    const after = store.note('after');
    const thrown = await blocked;
    assert.ok(thrown instanceof TimeoutError);
    assert.match(thrown.message, /db\.block\(\) did not finish within 50 ms/);
    // Longer than a task of toThread would be given.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    shared.set(0);
    assert.equal(await after, 2);
    assert.deepEqual(await store.calls, ['slow', 'after']);
  },
);

test('one that waits and is given up is never begun', limit, async (scope) => {
  const { store, shared } = await storeFor(scope);
  const abort = new AbortController();
  const blocked = store.block('slow');
  await shared.reaches(1);
  const waiting = thrownBy(asyncFace.with({ signal: abort.signal }).on(store).note('waiting'));
  abort.abort('no more');
  assert.equal(await waiting, 'no more');
  shared.set(0);
  await blocked;
  assert.deepEqual(await store.calls, ['slow']);
});

test(
  'work that looks is told; with a grace, work that does not is ended, and the object with it',
  limit,
  async (scope) => {
    const { store, shared } = await storeFor(scope);
    assert.ok((await thrownBy(asyncFace.with({ timeout: 20 }).on(store).spin())) instanceof TimeoutError);
    assert.equal(await store.note('fine'), 1);
    const abort = new AbortController();
    const deaf = thrownBy(asyncFace.with({ signal: abort.signal, grace: 10 }).on(store).deaf());
    await shared.reaches(1);
    const waiting = thrownBy(store.note('x'));
    abort.abort('enough');
    assert.equal(await deaf, 'enough');
    assert.ok((await waiting) instanceof ThreadDiedError);
    assert.ok((await thrownBy(store.size)) instanceof ThreadDiedError);
  },
);

test(
  'options of the making hold for each call and for what it gives; disposing is not given up',
  limit,
  async () => {
    const shared = words();
    const abort = new AbortController();
    const store = await asyncFace.with({ signal: abort.signal })(Store, 'a', shared.memory);
    const row = await store.insert(1);
    const rows = await store.numbers(1000);
    await rows.next();
    abort.abort('over');
    assert.equal(await thrownBy(store.size), 'over');
    assert.equal(await thrownBy(row.width), 'over');
    for (let i = 0; ; i++) {
      const { thrown } = await outcome(rows.next());
      if (thrown !== undefined) {
        assert.equal(thrown, 'over');
        break;
      }
      assert.ok(i < 16);
    }
    await store[Symbol.asyncDispose]();
    assert.equal(shared.read(3), 1);
  },
);

test('a making that takes too long ends', limit, async () => {
  const thrown = await thrownBy(asyncFace.with({ timeout: 0 })(Store, 'a'));
  assert.ok(thrown instanceof TimeoutError);
  assert.match(thrown.message, /asyncFace\(Store\)/);
});

test('a making that was given up leaves no thread', limit, async () => {
  const shared = words();
  const made = thrownBy(asyncFace.with({ timeout: 500 })(things.Slow, shared.memory));
  assert.ok((await made) instanceof TimeoutError);
  // Nobody waits for it, and it would not end by itself.
  const { stdout, code } = await play(`
    const things = await import(${JSON.stringify(new URL('./async-things.mjs', import.meta.url).href)});
    const memory = new SharedArrayBuffer(16);
    const { asyncFace: face } = await import(${JSON.stringify(import.meta.resolve('isthmus'))});
    await store[Symbol.asyncDispose]();
    await face.with({ timeout: 500 })(things.Slow, memory).catch(({ code }) => console.log(code));
    const ended = () => process.getActiveResourcesInfo().filter((name) => name === 'Worker').length === 0;
    while (!ended()) await new Promise((resolve) => setTimeout(resolve, 1));`);
  assert.deepEqual([stdout, code], ['ERR_ISTHMUS_TIMEOUT\nexit 0\n', 0]);
});

test('leaving an iteration is not refused by a full queue', limit, async (scope) => {
  const shared = words();
  const thing = await thingFor(scope, { queue: 1 });
  await thing.wordsOf(shared.memory);
  const numbers = await thing.numbers(100);
  await numbers.next();
  const [blocked, waiting] = [thing.block(), thing.add(1, 2)];
  const left = numbers.return('left');
  shared.set(0);
  assert.deepEqual(await left, { done: true, value: 'left' });
  assert.equal(await waiting, 3);
  await blocked;
});

test('queue: the most that may wait', limit, async (scope) => {
  const { store, shared } = await storeFor(scope, { queue: 1 });
  const blocked = store.block('a');
  await shared.reaches(1);
  const waiting = store.note('b');
  assert.equal(await codeOf(store.note('c')), 'ERR_ISTHMUS_QUEUE_FULL');
  const disposed = store[Symbol.asyncDispose]();
  shared.set(0);
  assert.deepEqual(await Promise.all([blocked, waiting]), [1, 2]);
  await disposed;
  assert.equal(shared.read(3), 1, 'disposing is not refused');
});

test('a view is the same object: it comes home, and a disposal is of both', limit, async (scope) => {
  const { store } = await storeFor(scope);
  const row = await store.insert(1);
  const view = asyncFace.with({ timeout: 20_000 }).on(row);
  assert.notEqual(view, row);
  assert.equal(await store.has(view), true);
  assert.equal(await asyncFace.with({ timeout: 20_000 }).on(view).cell(0), 1);
  const abort = new AbortController();
  const numbers = asyncFace.with({ signal: abort.signal }).on(store).numbers(1000);
  await numbers.next();
  abort.abort('over');
  assert.equal(await thrownBy(listOf(numbers)), 'over', 'its iterations have its options');
  await view[Symbol.asyncDispose]();
  assert.ok((await thrownBy(row.cell(0))) instanceof ReleasedError);
  assert.ok((await thrownBy(store.has(view))) instanceof ReleasedError);
});

test('what a view gives has its options', limit, async (scope) => {
  const thing = await thingFor(scope);
  const abort = new AbortController();
  const view = asyncFace.with({ signal: abort.signal }).on(thing);
  const part = await view.part();
  assert.notEqual(part, await thing.part());
  assert.equal(part, await view.part(), 'one view for each object');
  assert.equal(await part.value(), 1);
  const { list, byName, all } = await view.parts();
  assert.deepEqual([list[0], byName.get('part'), [...all][0]], [part, part, part]);
  assert.deepEqual(await listOf(view.eachPart(2)), [part, part]);
  assert.equal(await asyncFace.run(view, things.partOf), part);
  const bytes = new ArrayBuffer(8);
  const moving = asyncFace.with({ transfer: [bytes] }).on(thing);
  assert.deepEqual(await listOf(moving.numbers(3)), [0, 1, 2], 'what is moved is moved once');
  abort.abort('over');
  assert.equal(await thrownBy(part.value()), 'over');
  assert.equal(await (await thing.part()).value(), 1);
  await part[Symbol.asyncDispose]();
  assert.ok((await thrownBy(list[0].value())) instanceof Error);
});

test('tasks of faces are traced', limit, async (scope) => {
  const diagnostics = await import('node:diagnostics_channel');
  const { store } = await storeFor(scope);
  const seen = [];
  const note = ({ what, threadId: where }) => seen.push([what, typeof where]);
  diagnostics.subscribe('tracing:isthmus:task:asyncEnd', note);
  scope.after(() => diagnostics.unsubscribe('tracing:isthmus:task:asyncEnd', note));
  await store.note('x');
  assert.deepEqual(seen, [['Store.note()', 'number']]);
});

// Life -----------------------------------------------------------------------------------------------------------------

test('faces that nobody holds let their objects go, and their thread', { timeout: 120_000 }, async () => {
  const file = fileURLToPath(new URL('async-collected.mjs', import.meta.url));
  const { code, stdout, stderr } = await node(['--expose-gc', file], { limit: 100_000 });
  assert.equal(code, 0, stderr);
  const { gone, closed, alive, threads } = JSON.parse(stdout);
  // The last few may still be held by a register or a stack slot.
  assert.ok(gone >= 195, `${gone} of 200 objects are gone`);
  assert.ok(closed >= 15, `${closed} of 20 forgotten iterations are closed`);
  assert.deepEqual(alive, [1000, 1000]);
  assert.ok(threads[0] >= 5 && threads[1] <= 1, `${threads} threads more, before and after`);
});

const script = (body) => `
  import { asyncFace } from ${JSON.stringify(import.meta.resolve('isthmus'))};
  import * as b from ${JSON.stringify(module)};
  process.on('exit', (code) => console.log('exit', code));
  const store = await asyncFace(b.Store, 'a');
  ${body}`;
const play = (body) => node(['--input-type=module', '--eval', script(body)], { limit: 30_000 });

test('an idle face keeps no process alive', limit, async () => {
  const { stdout, code } = await play(`
    const rows = await store.numbers(100);
    await rows.next();
    globalThis.kept = [store, rows];
    console.log(await store.note('x'));`);
  assert.deepEqual([stdout, code], ['1\nexit 0\n', 0]);
});

test('nor does a call that was given up, nor a disposal', limit, async () => {
  const { stdout, code } = await play(`
    const memory = new SharedArrayBuffer(16);
    const words = new Int32Array(memory);
    const thing = await asyncFace.with({ timeout: 200 })(b.Store, 'a', memory);
    const codes = [];
    const note = ({ code }) => codes.push(code);
    await thing.block('x').catch(note);
    await thing[Symbol.asyncDispose]().catch(note);
    await thing[Symbol.asyncDispose]().catch(note);
    globalThis.kept = thing;
    console.log(...codes);`);
  const codes = 'ERR_ISTHMUS_TIMEOUT ERR_ISTHMUS_TIMEOUT ERR_ISTHMUS_TIMEOUT';
  assert.deepEqual([stdout, code], [`${codes}\nexit 0\n`, 0]);
});

test('a pending call does', limit, async () => {
  const { stdout } = await play(`
    store.later('x').then(console.log);
    const first = store.numbers(3).next().then(({ value }) => console.log('first', value));
    first.then(() => store[Symbol.asyncDispose]()).then(() => console.log('disposed'));`);
  assert.equal(stdout, '1\nfirst 0\ndisposed\nexit 0\n');
});

test('a thread that runs out of memory', { timeout: 120_000 }, async () => {
  const body = script(`
    const codes = [store.eat(), store.size].map((call) => call.catch(({ code, message }) => code + message));
    console.log(...(await Promise.all(codes)), await store.size.catch(({ code }) => code));`);
  const { stdout } = await node(['--max-old-space-size=60', scriptFile(body)], { limit: 100_000 });
  assert.match(
    stdout,
    /^ERR_ISTHMUS_THREAD_DIED.*out of memory.* ERR_ISTHMUS_THREAD_DIED.*memory.* ERR_ISTHMUS_THREAD_DIED/,
  );
});
