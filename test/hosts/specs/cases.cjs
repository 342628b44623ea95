'use strict';
// The suite that every host runs, in a form that every host can load: the host gives its own words and isthmus.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const never = () => new Promise(() => {});
const timedOut = { code: 'ERR_ISTHMUS_TIMEOUT' };

// Unreferenced, so that a host ends even where a failure leaves the server behind.
function startServer() {
  const server = http.createServer((request, response) => response.end(`page ${request.url}`)).unref();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const address = (server, path) => `http://127.0.0.1:${server.address().port}${path}`;
const page = (server, path) => fetch(address(server, path)).then((response) => response.text());

/** `isthmus` is the package's namespace, or a promise of it where the host can only import. */
exports.addCases = ({ it, before, beforeEach, after }, isthmus) => {
  let run;
  let canRun;
  let server;
  let prepared;
  let preparedLater;

  before(async () => {
    ({ run, canRun } = await isthmus);
    server = run(startServer());
  });
  beforeEach(() => {
    prepared = run(later(2, 'sync hook'));
  });
  beforeEach(async () => {
    await later(1);
    preparedLater = run(fs.promises.readFile(__filename, 'utf8'));
  });
  after(() => {
    server.closeAllConnections();
    run(new Promise((resolve) => server.close(resolve)));
  });

  it('says that run works here', () => {
    assert.equal(canRun().how, 'loop', canRun().why);
  });
  it('has what beforeEach got from run', () => {
    assert.equal(prepared, 'sync hook');
    assert.match(preparedLater, /every host can load/);
  });
  it('runs a timer in a sync body', () => {
    assert.equal(run(later(5, 'a')), 'a');
  });
  it('runs fs.promises in a sync body', () => {
    assert.match(run(fs.promises.readFile(__filename, 'utf8')), /every host can load/);
  });
  it('runs a fetch to a server in the same thread in a sync body', () => {
    assert.equal(run(page(server, '/sync')), 'page /sync');
  });
  it('runs a timer, fs.promises and a fetch after an await', async () => {
    await later(1);
    assert.equal(run(later(5, 'b')), 'b');
    await fs.promises.stat(__filename);
    assert.match(run(fs.promises.readFile(__filename, 'utf8')), /every host can load/);
    await page(server, '/first');
    assert.equal(run(page(server, '/second')), 'page /second');
  });
  it('runs in .then, in a microtask, in a tick, in a timer and in an immediate', async () => {
    const places = {
      then: (go) => Promise.resolve().then(go),
      microtask: queueMicrotask,
      tick: process.nextTick,
      timer: setTimeout,
      immediate: setImmediate,
    };
    for (const [name, enter] of Object.entries(places)) {
      const seen = await new Promise((resolve, reject) => {
        enter(() => {
          try {
            resolve(run(later(2, name)) + run(page(server, `/${name}`)));
          } catch (error) {
            reject(error);
          }
        });
      });
      assert.equal(seen, `${name}page /${name}`);
    }
  });
  it('runs inside a run', () => {
    const depth = (left) => later(1).then(() => (left === 0 ? 'deep' : run(depth(left - 1))));
    assert.equal(run(depth(20)), 'deep');
  });
  it('throws what the promise was rejected with', () => {
    const cause = new RangeError('mine');
    assert.throws(
      () => run(later(1).then(() => Promise.reject(cause))),
      (error) => error === cause,
    );
    assert.throws(() => run(fs.promises.readFile(`${__filename}.missing`)), { code: 'ENOENT' });
  });
  it('iterates an async generator and closes it', () => {
    let closed = 0;
    async function* count() {
      try {
        for (let i = 0; ; i++) yield later(1, i);
      } finally {
        await later(1);
        closed++;
      }
    }
    const seen = [];
    for (const i of run.each(count())) {
      seen.push(i);
      if (i === 2) break;
    }
    assert.deepEqual([seen, closed], [[0, 1, 2], 1]);
  });
  it('refuses after its timeout in a sync body, and the next call works', () => {
    assert.throws(() => run(never(), { timeout: 30 }), timedOut);
    assert.equal(run(later(5, 'next')), 'next');
    assert.equal(run(page(server, '/next')), 'page /next');
  });
  it('refuses after its timeout after an await, and the next call works', async () => {
    await later(1);
    assert.throws(() => run(never(), { timeout: 30 }), timedOut);
    assert.equal(await later(1, 'await'), 'await');
    assert.equal(run(later(5, 'next')), 'next');
  });
};

// `clock` is the host's own fake clock: { fake(), advance(ms), restore(), ticks }. Where it fakes process.nextTick
// as well (`ticks`), Node's own streams stand still, with or without isthmus, so no server can be reached.
exports.addFakeClockCases = ({ it, before, beforeEach, afterEach }, isthmus, clock) => {
  let run;

  before(async () => {
    ({ run } = await isthmus);
  });
  beforeEach(() => {
    clock.fake();
  });
  afterEach(() => {
    clock.restore();
  });

  it('releases the caller after its timeout while the clock is faked', () => {
    const faked = Date.now();
    assert.throws(() => run(never(), { timeout: 30 }), timedOut);
    assert.equal(Date.now(), faked, 'this test needs a faked clock');
  });
  it('waits for real work while the clock is faked', async () => {
    assert.match(run(fs.promises.readFile(__filename, 'utf8')), /every host can load/);
    await null;
    assert.match(run(fs.promises.readFile(__filename, 'utf8')), /every host can load/);
  });
  if (!clock.ticks) {
    it('reaches a server in the same thread while the clock is faked', () => {
      const server = run(startServer());
      assert.equal(run(page(server, '/faked')), 'page /faked');
      server.closeAllConnections();
      run(new Promise((resolve) => server.close(resolve)));
    });
  }
  it('gets the result of a faked timer once the clock was advanced', () => {
    const promise = later(60_000, 'advanced');
    clock.advance(60_000);
    assert.equal(run(promise), 'advanced');
  });
};

/** How many tests a suite has, so that a host that silently runs fewer is found out. */
exports.countCases = (add, clock) => {
  let count = 0;
  const ignore = () => {};
  const words = { before: ignore, beforeEach: ignore, afterEach: ignore, after: ignore };
  add({ ...words, it: () => count++ }, {}, clock);
  return count;
};
