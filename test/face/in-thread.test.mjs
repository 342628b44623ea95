// Faces of objects on the service thread.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { isMainThread, threadId } from 'node:worker_threads';
import { CallOverError, ReleasedError, runInThread, syncFace, ThreadDiedError, TimeoutError } from 'isthmus';
import { node } from '../run/script.mjs';
import { Store } from './blocking.mjs';
import * as things from './in-thread-things.mjs';

const { Database, Row, Ticker } = things;
const limit = { timeout: 60_000 };
/** No hang lasts for ever. */
const limited = syncFace.with({ timeout: 20_000 });
const make = limited.inThread;
const call = runInThread.with({ timeout: 20_000 });
const thrownBy = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it should have thrown');
};

test('methods, getters, setters, fields, promises in fields: there, and their values here', limit, () => {
  const db = make(Database, 'app.db');
  assert.equal(db.name, 'app.db');
  assert.notEqual(db.where, threadId);
  assert.equal(db.size, 0);
  assert.equal(db.ready, 'ready');
  const row = db.insert('a', 2, { deep: [3n] });
  assert.equal(db.size, 1);
  assert.deepEqual(row.cell(2), { deep: [3n] });
  assert.equal(row.width, 3);
  db.comment = 'hello';
  assert.deepEqual([db.comment, db.label], ['HELLO', 'hello']);
  assert.equal(db.nothing, undefined);
  assert.equal(db.then, undefined, 'it is no thenable');
  assert.equal(db[Symbol('s')], undefined);
});

test('it looks like the object', limit, () => {
  const db = make(Database, 'app.db');
  assert.ok(db instanceof Database);
  assert.equal('insert' in db, true);
  assert.equal('name' in db, true);
  assert.equal('nothing' in db, false);
  assert.deepEqual(Object.keys(db), ['name', 'label', 'ready']);
  assert.deepEqual({ ...db }, { name: 'app.db', label: 'none', ready: 'ready' });
  assert.equal(JSON.stringify(db), '{"name":"app.db","label":"none","ready":"ready"}');
  delete db.label;
  assert.equal(db.label, undefined);
  assert.equal(db.insert, db.insert, 'one method');
  assert.equal(db.insert.name, 'insert');
  assert.match(inspect(db), /Database on a service thread/);
  assert.equal(Object.isExtensible(db), true);
  assert.throws(() => Object.freeze(db), TypeError);
});

test('objects that it gives are faces, one for each; faces go back as the objects', limit, () => {
  const db = make(Database, 'app.db');
  const row = db.insert(1);
  assert.equal(db.same(row), true);
  assert.equal(db.all()[0], row);
  assert.equal(db.self(), db);
  assert.deepEqual(
    db.all().map((each) => each.cell(0)),
    [1],
  );
  assert.equal(call(things.rowOf, row, 0), 1, 'also as the argument of a function');
});

test('classes and functions, statics, factories, plain results', limit, () => {
  assert.equal(thrownBy(() => make(Database.open, 'x')).code, 'ERR_ISTHMUS_NO_ADDRESS', 'it is no export');
  assert.equal(make(things.openDatabase, 'x').name, 'x');
  const client = make(things.createClient, 'http://a');
  assert.equal(client.get('/b'), 'http://a/b');
  assert.equal(client.base, 'http://a');
  assert.equal(client.nested.ping(), 'pong');
  assert.deepEqual(client.list, [1, 2]);
  assert.deepEqual(make(things.plain), { a: [1, 2] });
  assert.equal(make(things.adder)(2, 3), 5);
  assert.equal(thrownBy(() => make(Database)).message, 'a database has a name');
  const address = { module: import.meta.resolve('./in-thread-things.mjs'), name: 'Database' };
  assert.equal(make(address, 'by address').name, 'by address');
});

test('async generators and iterables: lazy, left early, one by one', limit, () => {
  const db = make(Database, 'app.db');
  for (let i = 0; i < 5; i++) db.insert(i);
  assert.deepEqual(
    [...db.rows()].map((row) => row.cell(0)),
    [0, 1, 2, 3, 4],
  );
  db.label = 'open';
  for (const row of db) if (row.cell(0) === 2) break;
  assert.equal(db.label, 'closed');
  const steps = db.rows();
  assert.equal(steps.next().value.cell(0), 0);
  assert.equal(steps[Symbol.iterator](), steps);
  steps.return();
  assert.equal(steps.next().done, true);
});

test('callbacks get faces, and run here', limit, () => {
  const db = make(Database, 'app.db');
  let here;
  const { result, rows } = db.transaction((tx) => {
    here = isMainThread;
    assert.equal(tx.insert, tx.insert);
    return 'done';
  });
  assert.deepEqual([here, result, rows], [true, 'done', 0]);
});

test('callbacks use the face that calls them, where what they give is awaited', limit, () => {
  const db = make(Database, 'app.db');
  const seen = [];
  const { result, rows } = db.transaction((tx) => {
    for (let i = 0; i < 3; i++) seen.push(tx.insert(i).cell(0));
    seen.push(db.size, tx.db === db);
    return 'done';
  });
  assert.deepEqual([seen, result, rows], [[0, 1, 2, 3, true], 'done', 3]);
  const failed = thrownBy(() => db.transaction((tx) => tx.db.fail()));
  assert.deepEqual([failed.constructor, failed.code], [RangeError, 'E_DB']);
  const own = thrownBy(() =>
    db.transaction((tx) => {
      tx.insert(3);
      throw new TypeError('mine');
    }),
  );
  assert.equal(own.message, 'mine');
  assert.equal(db.size, 4);
  assert.equal(db.transaction(() => call(things.openNow)).result, call(things.openNow), 'other calls too');
  // A callback of a callback would need a third side.
  const deeper = thrownBy(() => db.transaction((tx) => tx.db.transaction((inner) => inner.insert(1))));
  assert.equal(deeper.code, 'ERR_ISTHMUS_DEADLOCK');
  // It is called again while it runs: nobody could say in which order.
  const twice = thrownBy(() => db.twiceAtOnce(() => db.size));
  assert.equal(twice.code, 'ERR_ISTHMUS_DEADLOCK');
  assert.equal(db.name, 'app.db');
});

test('a callback whose value is needed at once cannot use the face, and is told', limit, () => {
  const db = make(Database, 'app.db');
  db.insert(1);
  db.insert(1, 2);
  assert.deepEqual(
    db.filter(() => true).map((row) => row.width),
    [1, 2],
  );
  for (let i = 0; i < 3; i++) {
    const error = thrownBy(() => db.filter((row) => row.width > 1));
    assert.equal(error.code, 'ERR_ISTHMUS_DEADLOCK', String(error));
    assert.equal(db.size, 2);
  }
  // Nor in a function's call, whose callbacks are its own.
  const strict = thrownBy(() => call(things.callWith, () => db.size));
  assert.equal(strict.code, 'ERR_ISTHMUS_DEADLOCK');
  assert.equal(db.size, 2);
});

test('a timeout, and a death, in a call of a callback', limit, () => {
  const db = make(Database, 'app.db');
  const slow = thrownBy(() => db.transaction(() => syncFace.with({ timeout: 100 }).inThread(things.slowly)));
  assert.ok(slow instanceof TimeoutError, String(slow));
  assert.equal(db.size, 0);
  const died = thrownBy(() => db.transaction((tx) => tx.db.exit()));
  assert.ok(died instanceof ThreadDiedError, String(died));
  assert.equal(make(Database, 'new').size, 0);
});

test('listeners: in order while a call lasts, by the event loop afterwards', limit, async () => {
  const ticker = make(Ticker);
  const seen = [];
  const listener = (i, row) => {
    seen.push([i, typeof row]);
    if (i === 'later') assert.equal(row.cell(0), 'l');
  };
  ticker.on('tick', listener);
  assert.equal(ticker.tick(2), 1);
  assert.deepEqual(seen, [
    [0, 'object'],
    [1, 'object'],
  ]);
  const told = new Promise((resolve) => ticker.once('tick', (...args) => resolve(args[0])));
  ticker.later(5);
  const alive = setInterval(() => {}, 1000);
  assert.equal(await told, 'later');
  clearInterval(alive);
  assert.equal(seen.length, 3);
  ticker.off('tick', listener);
  assert.equal(ticker.tick(1), 0);
  assert.equal(seen.length, 3);
  const failing = () => {
    throw new RangeError('in a listener');
  };
  ticker.on('tick', failing);
  assert.ok(
    thrownBy(() => ticker.tick(1)) instanceof RangeError,
    'it is thrown by emit(), as it would be there',
  );
});

test('what the platform makes crosses, or is refused by name', limit, () => {
  const web = make(things.Web);
  assert.equal(web.hostOf(new URL('http://a.b/c')), 'a.b');
  assert.equal(web.url.pathname, '/c');
  assert.equal(web.query.get('q'), '1');
  assert.equal(web.response().headers.get('x-a'), 'b');
  assert.equal(web.response().text(), 'body');
  const error = thrownBy(() => call(things.signalOf));
  assert.deepEqual([error.code, error.path], ['ERR_ISTHMUS_UNCLONEABLE', 'result.signal']);
});

test("an event's members can be read in its listener, whatever it is told by", limit, async () => {
  const target = make(things.Target);
  const seen = [];
  target.addEventListener('message', (event) => seen.push([event.type, event.detail]));
  target.send('a', 'b');
  assert.deepEqual(seen, [
    ['message', 'a'],
    ['message', 'b'],
  ]);
  const emitter = make(Ticker);
  emitter.on('tick', (_i, row) => {
    if (row.width === 1) throw new RangeError('late');
  });
  assert.equal(thrownBy(() => emitter.tick(1)).message, 'late', 'also when it has used a face before');
  assert.equal(make(Row, [1]).width, 1);
});

test('a method of one face can be called on another', limit, () => {
  const [a, b] = [make(Database, 'a'), make(Database, 'b')];
  a.insert.call(b, 1);
  assert.deepEqual([a.size, b.size], [0, 1]);
  const { insert } = a;
  insert(2);
  assert.equal(a.size, 1);
});

test('errors are those of the method; the face works on', limit, () => {
  const db = make(Database, 'app.db');
  const error = thrownBy(() => db.fail());
  assert.deepEqual([error.constructor, error.message, error.code], [RangeError, 'failed', 'E_DB']);
  assert.match(error.stack, /in-thread-things\.mjs[\s\S]*in-thread\.test\.mjs/);
  assert.equal(thrownBy(() => db.nothing()).name, 'TypeError');
  assert.equal(thrownBy(() => db.insert(1, { a: Symbol('s') })).path, 'args[1].a');
  assert.equal(thrownBy(() => make(Database, Symbol('s'))).code, 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(db.name, 'app.db');
});

test('using: disposed of there, and released', limit, () => {
  const before = call(things.openNow);
  const db = make(Database, 'app.db');
  assert.equal(call(things.openNow), before + 1);
  db[Symbol.dispose]();
  assert.equal(call(things.openNow), before);
  db[Symbol.dispose]();
  assert.equal(call(things.openNow), before);
  const error = thrownBy(() => db.name);
  assert.ok(error instanceof ReleasedError, String(error));
  const row = make(Row, [1]);
  assert.equal(syncFace.release(row), true);
  assert.ok(thrownBy(() => row.width) instanceof ReleasedError);
  assert.ok(thrownBy(() => call(things.rowOf, row, 0)) instanceof ReleasedError);
  assert.equal(syncFace.release({}), false);
});

test('an object that was let go may be sent again: the new face works, the old one does not', limit, () => {
  const store = make(Store, 'a');
  const row = store.insert('x');
  syncFace.release(row);
  const again = store.first();
  assert.equal(again.cell(0), 'x');
  assert.equal(syncFace.release(row), true, 'once more');
  assert.equal(again.cell(0), 'x');
  assert.ok(thrownBy(() => row.cell(0)) instanceof ReleasedError);
});

test('timeouts, and the death of the thread', limit, () => {
  const quick = syncFace.with({ timeout: 200 }).inThread(Database, 'quick');
  assert.ok(thrownBy(() => quick.slow()) instanceof TimeoutError);
  assert.equal(quick.name, 'quick', 'work that waits ends its own call only');
  assert.ok(thrownBy(() => quick.spin()) instanceof TimeoutError);
  const gone = thrownBy(() => quick.name);
  assert.ok(gone instanceof ThreadDiedError, String(gone));
  const db = make(Database, 'app.db');
  assert.ok(thrownBy(() => db.exit()) instanceof ThreadDiedError);
  assert.ok(thrownBy(() => db.name) instanceof ThreadDiedError);
  assert.ok(thrownBy(() => call(things.rowOf, db, 0)) instanceof ThreadDiedError);
  db[Symbol.dispose]();
  assert.equal(make(Database, 'new').name, 'new');
});

test('bad input', limit, () => {
  for (const bad of [5, null, 'x', undefined]) {
    assert.equal(thrownBy(() => make(bad)).code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
  }
  class Local {}
  assert.equal(thrownBy(() => make(Local)).code, 'ERR_ISTHMUS_NO_ADDRESS');
  assert.equal(thrownBy(() => runInThread(Database, 'x')).code, 'ERR_ISTHMUS_NO_ADDRESS');
  let stub;
  const db = make(Database, 'app.db');
  db.transaction(() => {
    stub = 1;
  });
  assert.equal(stub, 1);
  assert.equal(new CallOverError().code, 'ERR_ISTHMUS_CALL_OVER');
});

test('faces that nobody holds let their objects go', limit, async () => {
  const file = fileURLToPath(new URL('collected.mjs', import.meta.url));
  const { code, stdout, stderr } = await node(['--expose-gc', file], { limit: 50_000 });
  assert.equal(code, 0, stderr);
  const { gone, closed, alive } = JSON.parse(stdout);
  // The last few may still be held by a register or a stack slot.
  assert.ok(gone >= 390, `${gone} of 400 objects are gone`);
  assert.ok(closed >= 15, `${closed} of 20 forgotten iterations are closed`);
  assert.deepEqual(alive, [1000, 1000]);
});
