// Express: the same `blocking()`.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import express from 'express';
import { createPool, Limiter } from 'isthmus';
import { blocking } from 'isthmus/express';
import { onCleanBase } from 'isthmus/http';
import * as h from './handlers.mjs';
import { ask, closed, closesUnderLoad, dial, limit, listen, post, until, words } from './kit.mjs';

async function serve(scope, build, { clean = false } = {}) {
  const app = express();
  const pool = createPool({ size: 2, queue: 2 });
  build(app, pool);
  app.use((error, _request, response, _next) => {
    const { statusCode = 500, message, code, cause } = error;
    response.status(statusCode).json({ message, code, cause });
  });
  const server = createServer(clean ? onCleanBase(app) : app);
  scope.after(() => pool.destroy());
  return { port: await listen(scope, server), pool, server };
}

test('a handler runs on a thread, with the data of its request', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    app.use(express.json());
    app.use((request, _response, next) => {
      request.user = { name: 'ada' };
      next();
    });
    app.get('/where', blocking(h.where, { pool }));
    const select = ({ user }) => ({ user });
    app.use('/under', express.Router().post('/:a', blocking(h.echo, { pool, select })));
  });
  assert.notEqual((await ask(port, '/where')).json.threadId, threadId);
  const { json } = await post(port, '/under/1?q=x', { deep: [1] }, { 'x-name': 'n' });
  assert.deepEqual(
    { ...json, headers: json.headers['x-name'] },
    {
      id: '',
      method: 'POST',
      url: '/under/1?q=x',
      ip: '127.0.0.1',
      params: { a: '1' },
      query: { q: 'x' },
      headers: 'n',
      body: { deep: [1] },
      user: { name: 'ada' },
    },
  );
});

const types = {
  object: /json/,
  text: /^text\/plain/,
  buffer: /octet-stream/,
  view: /octet-stream/,
  arrayBuffer: /octet-stream/,
  html: /^text\/html/,
  created: /json/,
};
const texts = {
  object: '{"a":[1,{"b":"two"}]}',
  text: 'äöü',
  empty: '',
  buffer: '\x01\x02\x03',
  nothing: '',
  bare: '',
  created: '{"id":1}',
};
const statuses = { nothing: 204, created: 201, bare: 304 };

for (const where of ['thread', 'process', 'loop']) {
  test(`what a handler returns, throws and yields: ${where}`, limit, async (scope) => {
    const { port } = await serve(scope, (app) => {
      app.get('/result/:kind', blocking(h.result, { where }));
      app.get('/fail/:kind', blocking(h.fail, { where }));
      app.get('/count/:n', blocking(h.countTo, { where }));
      app.get('/head', blocking(h.withHead, { where }));
      app.get('/fails', blocking(h.failsFirst, { where }));
    });
    for (const kind of h.kinds) {
      const answer = await ask(port, `/result/${kind}`);
      assert.equal(answer.status, statuses[kind] ?? 200, kind);
      if (kind in types) assert.match(answer.headers['content-type'], types[kind], kind);
      if (kind in texts) assert.equal(answer.text, texts[kind], kind);
    }
    assert.deepEqual((await ask(port, '/result/cookies')).headers['set-cookie'], ['a=1', 'b=2']);
    const teapot = await ask(port, '/fail/teapot');
    assert.deepEqual([teapot.status, teapot.json.message], [418, 'short and stout']);
    for (const kind of h.errorKinds.filter((kind) => kind !== 'teapot')) {
      assert.equal((await ask(port, `/fail/${kind}`)).status, 500, kind);
    }
    assert.equal((await ask(port, '/fail/text')).json.cause, 'a text');
    const count = await ask(port, '/count/3');
    assert.deepEqual([count.text, count.headers['content-type']], ['1\n2\n3\n', 'text/plain; charset=utf-8']);
    assert.equal((await ask(port, '/count/3', { method: 'HEAD' })).text, '');
    const head = await ask(port, '/head');
    assert.deepEqual([head.status, head.headers['content-type'], head.text], [206, 'text/csv', 'a,b\n1,2\n']);
    assert.equal((await ask(port, '/fails')).status, 418);
  });
}

test('busy is 503; a client that leaves is noticed; limiters hold', limit, async (scope) => {
  const shared = words();
  const free = words();
  const { port, pool } = await serve(scope, (app, pool) => {
    const one = new Limiter(1);
    const memory = () => ({ memory: shared.memory });
    app.get('/told', blocking(h.untilCancelled, { pool, select: memory, limiter: one }));
    app.get('/free', blocking(h.untilFree, { pool, select: () => ({ memory: free.memory }) }));
    app.get('/where', blocking(h.where, { pool, limiter: one }));
  });
  const client = await dial(port);
  client.socket.write('GET /told HTTP/1.1\r\nhost: x\r\n\r\n');
  await shared.reaches(1);
  const next = ask(port, '/where');
  await until(() => pool.stats().queued === 1);
  client.socket.destroy();
  await shared.reaches(2);
  assert.equal((await next).status, 200);
  const filling = Array.from({ length: 4 }, () => ask(port, '/free'));
  await until(() => free.read(1) === 2 && pool.stats().queued === 2);
  const refused = await ask(port, '/free');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  free.set(0);
  for (const { status } of await Promise.all(filling)) assert.equal(status, 200);
});

test('the server’s own time limit cuts the connection, and the work is told', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const { port, server } = await serve(scope, (app, pool) => {
    app.get('/where', blocking(h.where, { pool }));
    app.get('/', blocking(h.untilCancelled, { pool, select }));
  });
  await ask(port, '/where');
  const connected = new Promise((resolve) => server.once('connection', resolve));
  const answer = assert.rejects(ask(port, '/'), { code: 'ECONNRESET' });
  const socket = await connected;
  await shared.reaches(1);
  // As server.setTimeout() does it, but not before the work has begun.
  socket.setTimeout(1);
  await answer;
  await shared.reaches(2);
});

test('shutdown under load: what was begun is answered', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const served = await serve(scope, (app, pool) => app.get('/:id', blocking(h.untilFree, { pool, select })));
  await closesUnderLoad(served, shared);
});

test('a worker that dies is a 500, and the next request works', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    app.get('/exits', blocking(h.exits, { pool }));
    app.get('/where', blocking(h.where, { pool }));
  });
  const answer = await ask(port, '/exits');
  assert.deepEqual([answer.status, answer.json.code], [500, 'ERR_ISTHMUS_THREAD_DIED']);
  assert.equal((await ask(port, '/where')).status, 200);
});

test('an error in the middle of a stream ends the connection', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const seen = [];
  const { port } = await serve(scope, (app, pool) => {
    app.get('/', blocking(h.failsLate, { pool }));
    app.get('/endless', blocking(h.endless, { pool, select }));
    app.use((error, _request, _response, next) => {
      seen.push(error.message);
      next(error);
    });
  });
  const client = await dial(port);
  client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await closed(client.socket);
  assert.doesNotMatch(client.said, /\r\n0\r\n\r\n$/);
  const gone = await dial(port);
  gone.socket.write('GET /endless HTTP/1.1\r\nhost: x\r\n\r\n');
  await shared.reaches(1);
  gone.socket.destroy();
  await shared.reaches(2);
  assert.deepEqual(seen, ['in the middle'], 'that a client has gone is no error');
});

test('HEAD leaves a stream that nobody reads', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const { port } = await serve(scope, (app, pool) => app.get('/', blocking(h.endless, { pool, select })));
  assert.equal((await ask(port, '/', { method: 'HEAD' })).text, '');
  await shared.reaches(2);
});

test('bodies of 0 bytes to 32 MB, there and back', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    app.use(express.raw({ limit: '64mb', type: 'application/x-bytes' }));
    app.post('/', blocking(h.bodyOf, { pool }));
  });
  for (const size of [1, 32_768, 1_000_003, 2 ** 25]) {
    const body = Buffer.alloc(size, size % 251);
    const headers = { 'content-type': 'application/x-bytes' };
    const answer = await ask(port, '/', { method: 'POST', headers, body });
    assert.ok(answer.body.equals(body), String(size));
  }
  assert.equal((await ask(port, '/', { method: 'POST' })).status, 204);
});

test('handlers on the loop are entered from a clean base by onCleanBase(app)', limit, async (scope) => {
  const answer = (_request, response) => response.json(h.plainRuns());
  const { port } = await serve(scope, (app) => app.get('/', answer), { clean: true });
  assert.equal((await ask(port, '/')).json.value, 'ran');
});

test('what cannot work is refused when the route is made', () => {
  const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
  for (const [handler, options] of [
    [undefined],
    [{ module: '', name: 'where' }],
    [{ module: './handlers.mjs', name: 'where' }],
    [{ module: import.meta.url }],
    [{ module: new URL('handlers.mjs', import.meta.url), name: 'where' }, { where: 'loop' }],
    [h.takesReply],
    [h.where.bind(null)],
    [h.where, { where: 'x' }],
    [h.where, { limiter: 'named' }],
    [h.where, { timeout: 'x' }],
    [h.where, { select: async () => ({}) }],
  ]) {
    assert.throws(() => blocking(handler, options), invalid, String(handler));
  }
});
