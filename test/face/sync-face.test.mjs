// `syncFace`: the members of an async object, class, function or module, from sync code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgumentError, run, syncFace } from 'isthmus';
import { play } from '../run/script.mjs';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

class Table {
  #rows = [];
  constructor(db, name) {
    this.db = db;
    this.name = name;
  }
  async add(...rows) {
    await later(1);
    this.#rows.push(...rows);
    return this;
  }
  async count() {
    await null;
    return this.#rows.length;
  }
}

class Database {
  #secret = 7;
  #limit = 10;
  #tables = new Map();
  ready = later(1, 'ready');
  static version = later(1, '1.0');
  static #opened = 0;
  static async open(url, options = {}) {
    await later(1);
    Database.#opened++;
    return Object.assign(new Database(url), options);
  }
  static get opened() {
    return Database.#opened;
  }
  constructor(url) {
    this.url = url;
  }
  get secret() {
    return this.#secret;
  }
  get slowly() {
    return later(1, this.#secret);
  }
  get limit() {
    return this.#limit;
  }
  set limit(limit) {
    if (limit < 0) throw new RangeError('below zero');
    this.#limit = limit;
  }
  table(name) {
    if (!this.#tables.has(name)) this.#tables.set(name, new Table(this, name));
    return this.#tables.get(name);
  }
  async find(name) {
    return later(1, this.table(name));
  }
  all() {
    return [...this.#tables.values()];
  }
  sum(a, b = 2, ...rest) {
    return rest.reduce((x, y) => x + y, a + b);
  }
  holds(table) {
    return [...this.#tables.values()].includes(table);
  }
  holdsAll({ tables, deep: [[first]] }) {
    return tables.every((table) => this.holds(table)) && this.holds(first);
  }
  self() {
    return this;
  }
  async fails(error) {
    await later(1);
    throw error;
  }
  never() {
    return new Promise(() => {});
  }
}

test('methods and promises give their values; private fields, getters and setters work', limit, () => {
  const real = new Database('x');
  const db = syncFace(real);
  assert.equal(db.url, 'x');
  assert.equal(db.ready, 'ready');
  assert.equal(db.secret, 7);
  assert.equal(db.slowly, 7);
  assert.equal(db.sum(1), 3);
  assert.equal(db.sum(1, 2, 3, 4), 10);
  assert.equal(db.find('a').add(1, 2).count(), 2);
  db.limit = 5;
  assert.equal(real.limit, 5);
  assert.throws(() => {
    db.limit = -1;
  }, RangeError);
  db.extra = later(1, 'late');
  assert.equal(db.extra, 'late');
  assert.ok(real.extra instanceof Promise);
  assert.equal(db.missing, undefined);
});

test('a method is one wrapper, with its name and length, shared by all faces of its class', limit, () => {
  const [one, other] = [syncFace(new Database('a')), syncFace(new Database('b'))];
  assert.equal(one.sum, one.sum);
  assert.equal(one.sum, other.sum);
  assert.equal(one.sum.name, 'sum');
  assert.equal(one.sum.length, 1);
  assert.equal(one.sum.call(other, 1, 1), 2);
  assert.equal(one.self.call(other), other);
  assert.equal(one.self.bind(one)(), one);
  const { self, sum } = one;
  assert.equal(sum(1, 1), 2);
  assert.equal(self(), undefined);
});

test('one face for an object, wherever it comes from', limit, () => {
  const real = new Database('x');
  const db = syncFace(real);
  assert.notEqual(db, real);
  assert.equal(syncFace(real), db);
  assert.equal(syncFace(db), db);
  assert.equal(db.self(), db);
  assert.equal(db.table('a'), db.find('a'));
  assert.equal(db.table('a').db, db);
  real.held = db;
  assert.equal(db.held, db);
  const tables = db.all();
  assert.ok(Array.isArray(tables));
  assert.equal(tables[0], db.table('a'));
  real.tables = [real.table('a')];
  assert.equal(db.tables[0], tables[0]);
  assert.notEqual(db.tables, db.tables);
  assert.equal(syncFace.target(db), real);
  assert.equal(syncFace.target(tables[0]), real.table('a'));
  for (const value of [undefined, null, 5, 'face', {}, real, () => {}]) {
    assert.equal(syncFace.target(value), undefined);
  }
});

test('a face that is passed arrives as the real object, also in arrays and plain objects', limit, () => {
  const real = new Database('x');
  const db = syncFace(real);
  const table = db.find('a');
  assert.equal(real.holds(table), false);
  assert.equal(db.holds(table), true);
  assert.equal(db.holds(real.table('a')), true);
  assert.equal(db.holdsAll({ tables: [table, real.table('a')], deep: [[table]] }), true);
  db.current = table;
  assert.equal(real.current, real.table('a'));
  assert.equal(db.current, table);
  const plain = { rows: [1, 2], at: new Date() };
  db.current = plain;
  assert.equal(real.current, plain);
});

test('lists of objects and of promises', limit, (t) => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const real = new Database('x');
  const fault = new Error('second');
  const db = syncFace({
    mixed: () => [1, real, [real, 'a'], null],
    promises: () => [later(5, 'a'), 'b', later(1, real)],
    failing: () => [later(20, 'a'), Promise.reject(fault)],
    nested: async () => ({ list: [{ real }], first: later(1, real) }),
  });
  const [one, face, [again, a], nothing] = db.mixed();
  assert.deepEqual([one, face, again, a, nothing], [1, syncFace(real), syncFace(real), 'a', null]);
  assert.deepEqual(db.promises(), ['a', 'b', syncFace(real)]);
  assert.throws(
    () => db.failing(),
    (error) => error === fault,
  );
  run(later(30));
  assert.deepEqual(unhandled, []);
  assert.equal(db.nested().list[0].real, syncFace(real));
  assert.equal(db.nested().first, syncFace(real));
});

test('thenables and values that are thrown', limit, () => {
  const fault = { code: 'mine' };
  const db = syncFace({
    thenable: () => ({ then: (resolve) => setTimeout(resolve, 1, 'from then') }),
    sync() {
      throw fault;
    },
    async async() {
      await later(1);
      throw fault;
    },
  });
  assert.equal(db.thenable(), 'from then');
  for (const method of ['sync', 'async']) {
    assert.throws(
      () => db[method](),
      (error) => error === fault,
    );
  }
  assert.equal(db.then, undefined);
  assert.equal('then' in db, false);
});

test('a builder that is a thenable is sent by its first method', limit, () => {
  class Query {
    async then(resolve) {
      resolve(await later(1, 'sent'));
    }
    where() {
      return this;
    }
  }
  const face = syncFace({ select: () => new Query() });
  assert.equal(face.select(), 'sent');
});

test('classes: new, statics, instanceof', limit, () => {
  const Face = syncFace(Database);
  assert.equal(Face, syncFace(Database));
  assert.equal(Face.name, 'Database');
  assert.equal(typeof Face, 'function');
  assert.equal(Face.version, '1.0');
  const before = Face.opened;
  const opened = Face.open('y', { name: 'n' });
  assert.equal(Face.opened, before + 1);
  assert.equal(opened.name, 'n');
  const made = new Face('z');
  assert.equal(made.slowly, 7);
  assert.equal(made.constructor, Face);
  for (const face of [opened, made]) {
    assert.ok(face instanceof Face);
    assert.ok(face instanceof Database);
    assert.ok(syncFace.target(face) instanceof Face);
  }
  assert.ok(!({} instanceof Face));
  assert.ok(!(opened.table('a') instanceof Face));
  assert.throws(() => Face('x'), TypeError);
  assert.throws(() => new made.table('x'), TypeError);
});

test('a constructor gets what a method gets: real objects and wrapped callbacks', limit, () => {
  const Face = syncFace(
    class {
      constructor(table, visit) {
        this.isReal = table instanceof Table && table.count().then !== undefined;
        visit(table);
      }
    },
  );
  const table = syncFace(new Table(null, 'a'));
  let seen;
  const made = new Face(table, (given) => {
    seen = given.count();
  });
  assert.equal(made.isReal, true);
  assert.equal(seen, 0);
});

test("a face's class cannot be extended, and says what to write", limit, () => {
  const Face = syncFace(Database);
  class Sub extends Face {}
  assert.throws(() => new Sub('x'), {
    code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
    message:
      'The face of Database cannot be extended: write `class Sub extends Database`, and syncFace(Sub).',
  });
  class Right extends Database {
    async more() {
      return (await this.find('a')).name + this.secret;
    }
  }
  assert.equal(new (syncFace(Right))('x').more(), 'a7');
});

test('functions, with what is on them', limit, () => {
  const double = Object.assign(async (n) => later(1, n * 2), {
    twice: async (n) => later(1, n * 4),
    table: new Table(null, 'a'),
  });
  const face = syncFace(double);
  assert.equal(face(2), 4);
  assert.equal(face.twice(2), 8);
  assert.equal(face.table.count(), 0);
  assert.equal(face.length, 1);
  assert.equal(syncFace(async () => double)(), face);
  const tag = syncFace(async (words, ...values) => later(1, [words.raw.join('?'), values]));
  assert.deepEqual(tag`a${1}b`, ['a?b', [1]]);
});

test('an object of functions, with the state that it closes over', limit, () => {
  const createClient = async () => {
    let sent = 0;
    return {
      send: async () => later(1, ++sent),
      get sent() {
        return sent;
      },
    };
  };
  const client = syncFace(createClient)();
  assert.equal(client.send(), 1);
  assert.equal(client.send(), 2);
  assert.equal(client.sent, 2);
});

test('what is no target is refused, with what to write', limit, () => {
  for (const [value, word] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    ['db', '"db"'],
    [Symbol('x'), 'a symbol'],
  ]) {
    assert.throws(() => syncFace(value), {
      name: 'InvalidArgumentError',
      message: `syncFace() takes an object, a class, a function or a module, not ${word}.`,
    });
  }
  for (const promise of [Promise.resolve(5), later(1), { then() {} }]) {
    assert.throws(() => syncFace(promise), {
      code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
      message:
        'syncFace() takes no promise: write `run(promise)`, or `syncFace(run(promise))` for a face of what it gives.',
    });
  }
});

test('with(): a timeout and a signal for each call, and the face works afterwards', limit, (t) => {
  const ticking = setInterval(() => {}, 20);
  t.after(() => clearInterval(ticking));
  const real = new Database('x');
  const db = syncFace.with({ timeout: 30 })(real);
  assert.throws(() => db.never(), {
    code: 'ERR_ISTHMUS_TIMEOUT',
    message: 'never() did not finish within 30 ms.',
  });
  db.stuck = new Promise(() => {});
  assert.throws(() => db.stuck, { message: 'the property stuck did not finish within 30 ms.' });
  assert.equal(db.find('a').count(), 0);
  assert.notEqual(db, syncFace(real));
  assert.equal(syncFace.target(db), real);
  assert.equal(syncFace(db), syncFace(real));
  // What a face gives has its options.
  assert.throws(() => db.find('a').db.never(), { code: 'ERR_ISTHMUS_TIMEOUT' });
  const controller = new AbortController();
  const left = syncFace.with({ signal: controller.signal })(real);
  setTimeout(() => controller.abort('left'), 10);
  const isLeft = (error) => error === 'left';
  assert.throws(() => left.never(), isLeft);
  let calls = 0;
  real.count = () => ++calls;
  assert.throws(() => left.count(), isLeft);
  assert.throws(() => left.ready, isLeft);
  assert.equal(left.url, 'x');
  assert.equal(calls, 0);
  for (const options of [undefined, null, 5, { timeout: 'x' }, { timeOut: 5 }, { signal: controller }]) {
    assert.throws(() => syncFace.with(options), InvalidArgumentError);
  }
});

test('what run throws passes through, and the face works afterwards', limit, () => {
  const db = syncFace(new Database('x'));
  const fault = new Error('of the work');
  assert.throws(
    () => db.fails(fault),
    (error) => error === fault,
  );
  assert.equal(db.find('a').count(), 0);
});

test('where nothing can settle a call, and where the loop cannot be entered', limit, async () => {
  const script = `
    const { syncFace } = await import('isthmus');
    const face = syncFace({ never: () => new Promise(() => {}), done: async () => 5, plain: () => 6 });
    console.log(codeOf(() => face.never()), codeOf(() => face.done()).value ?? codeOf(() => face.done()), face.plain());
  `;
  assert.equal(await play(script), 'ERR_ISTHMUS_NEVER_SETTLES 5 6\n');
  assert.equal(
    await play(script, { env: { ISTHMUS_PUMP: 'off' } }),
    'ERR_ISTHMUS_CANNOT_RUN ERR_ISTHMUS_CANNOT_RUN 6\n',
  );
});
