// Hono on Node: standard requests and responses in a worker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { requestId } from 'hono/request-id';
import { createPool } from 'isthmus';
import { blocking } from 'isthmus/hono';
import * as h from './hono-handlers.mjs';
import { ask, closed, closesUnderLoad, dial, limit, listen, post, until, words } from './kit.mjs';

async function serve(scope, build) {
  const app = new Hono();
  const pool = createPool({ size: 2, queue: 2 });
  build(app, pool);
  const server = createAdaptorServer({ fetch: app.fetch });
  scope.after(() => pool.destroy());
  return { app, port: await listen(scope, server), server, pool };
}

test('a handler gets a standard request on a thread, and gives a standard response', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    app.use(requestId());
    app.use(async (c, next) => {
      c.set('user', { name: 'ada' });
      c.header('x-before', 'yes');
      await next();
      c.header('x-after', 'yes');
    });
    app.all('/:a', blocking(h.echo, { pool, select: (c) => ({ user: c.get('user') }) }));
  });
  const headers = { 'x-name': 'n', 'x-request-id': 'mine' };
  const answer = await post(port, '/one?q=1', { deep: [1] }, headers);
  assert.equal(answer.status, 200);
  assert.notEqual(answer.json.threadId, threadId);
  const { threadId: _, ...rest } = answer.json;
  assert.deepEqual(rest, {
    method: 'POST',
    path: '/one?q=1',
    name: 'n',
    body: '{"deep":[1]}',
    params: { a: 'one' },
    id: 'mine',
    store: 'mine',
    user: { name: 'ada' },
  });
  assert.deepEqual([answer.headers['x-before'], answer.headers['x-after']], ['yes', 'yes']);
  assert.equal((await ask(port, '/two')).json.body, '');
  assert.equal((await ask(port, '/two', { method: 'HEAD' })).status, 200);
  assert.equal((await ask(port, '/two', { method: 'OPTIONS' })).json.method, 'OPTIONS');
});

for (const where of ['thread', 'process', 'loop']) {
  test(`what it gives, throws and yields: ${where}`, limit, async (scope) => {
    const { port } = await serve(scope, (app) => {
      app.get('/result/:kind', blocking(h.result, { where }));
      app.get('/fail/:kind', blocking(h.fail, { where }));
      app.get('/cookies', blocking(h.cookies, { where }));
      app.get('/redirect', blocking(h.redirect, { where }));
      app.get('/count/:n', blocking(h.countTo, { where }));
      app.get('/head', blocking(h.withHead, { where }));
      app.get('/header', blocking(h.header, { where }));
      app.post('/bytes', blocking(h.bytes, { where }));
    });
    for (const [kind, [status, type, text]] of Object.entries(h.expected)) {
      const answer = await ask(port, `/result/${kind}`);
      assert.equal(answer.status, status, kind);
      if (type !== undefined) assert.match(answer.headers['content-type'], type, kind);
      assert.equal(answer.text, text, kind);
    }
    assert.deepEqual((await ask(port, '/cookies')).headers['set-cookie'], ['a=1', 'b=2']);
    const redirect = await ask(port, '/redirect');
    assert.deepEqual([redirect.status, redirect.headers.location], [302, 'http://x/y']);
    const teapot = await ask(port, '/fail/teapot');
    assert.deepEqual([teapot.status, teapot.text], [418, 'short and stout']);
    for (const kind of ['plain', 'null', 'undefined', 'text']) {
      assert.equal((await ask(port, `/fail/${kind}`)).status, 500, kind);
    }
    assert.equal((await ask(port, '/count/3')).text, '1\n2\n3\n');
    assert.equal((await ask(port, '/count/3', { method: 'HEAD' })).text, '');
    const head = await ask(port, '/head');
    assert.deepEqual([head.status, head.headers['content-type'], head.text], [206, 'text/csv', 'a,b\n1,2\n']);
    assert.equal((await ask(port, `/header?name=${encodeURIComponent('x\r\ny: z')}`)).status, 500);
    for (const size of [0, 1, 32_768, 1_000_003, 2 ** 25]) {
      const body = Buffer.alloc(size, size % 251);
      const answer = await ask(port, '/bytes', { method: 'POST', body });
      assert.deepEqual([answer.status, answer.headers['content-type']], [201, 'application/x-same']);
      assert.ok(answer.body.equals(body), String(size));
    }
  });
}

test('a body is moved to a thread, but for one that a middleware has read', limit, async (scope) => {
  const processes = createPool({ kind: 'process', size: 1 });
  scope.after(() => processes.destroy());
  const { port } = await serve(scope, (app, pool) => {
    const lengths = (isRead) => async (c, next) => {
      const seen = isRead ? await c.req.arrayBuffer() : undefined;
      await next();
      const { byteLength } = seen ?? (await c.req.arrayBuffer());
      c.header('x-length', String(byteLength));
    };
    app.post('/read', lengths(true), blocking(h.echo, { pool }));
    app.post('/moved', lengths(false), blocking(h.echo, { pool }));
    app.post('/shared', lengths(false), blocking(h.echo));
    app.post('/copied', lengths(false), blocking(h.echo, { pool: processes }));
  });
  for (const [path, length] of Object.entries({ read: '7', moved: '0', shared: '0', copied: '7' })) {
    const answer = await post(port, `/${path}`, { a: 1 });
    assert.deepEqual([answer.json.body, answer.headers['x-length']], ['{"a":1}', length], path);
  }
});

test('how a body is sent is the server’s matter, whatever a handler says of it', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    const text = 'compressible '.repeat(1000);
    app.get('/other', compress(), (c) => c.text(text, 200, { 'x-other': 'yes' }));
    app.get('/proxy', blocking(h.proxy, { pool }));
    app.get('/length', blocking(h.wrongLength, { pool }));
    app.get('/204', blocking(h.bodyOf204, { pool }));
  });
  const asOthers = { 'accept-encoding': 'gzip' };
  const other = await ask(port, '/other', { headers: asOthers });
  assert.equal(other.headers['content-encoding'], 'gzip');
  const of = encodeURIComponent(`http://127.0.0.1:${port}/other`);
  const proxied = await ask(port, `/proxy?of=${of}`);
  assert.deepEqual([proxied.text.slice(0, 13), proxied.text.length], ['compressible ', 13_000]);
  const { 'x-other': kept, 'content-encoding': encoding, 'transfer-encoding': transfer } = proxied.headers;
  assert.deepEqual([kept, encoding, transfer], ['yes', undefined, undefined]);
  const wrong = await ask(port, '/length');
  assert.deepEqual([wrong.text, wrong.headers['content-length']], ['four', '4']);
  const none = await ask(port, '/204');
  assert.deepEqual([none.status, none.text, none.headers['content-length']], [204, '', undefined]);
});

test('error handlers see the error; HTTPException too', limit, async (scope) => {
  const seen = [];
  const { port } = await serve(scope, (app, pool) => {
    app.onError((error, c) => {
      seen.push(error);
      return 'getResponse' in error ? error.getResponse() : c.text(error.message, 409);
    });
    app.get('/fail/:kind', blocking(h.fail, { pool }));
    app.get('/exception', blocking(h.exception, { pool }));
  });
  assert.equal((await ask(port, '/fail/plain')).status, 409);
  assert.deepEqual([(await ask(port, '/fail/teapot')).status, seen[1].extra], [418, { cups: 2 }]);
  const answer = await ask(port, '/exception');
  assert.deepEqual([answer.status, answer.text], [401, 'no entry']);
});

test('a Response in an HTTPException is its answer', limit, async (scope) => {
  const seen = [];
  const build = (handles) => (app, pool) => {
    app.get('/thread', blocking(h.exceptionWithResponse, { pool }));
    app.get('/process', blocking(h.exceptionWithResponse, { where: 'process' }));
    app.get('/loop', blocking(h.exceptionWithResponse, { where: 'loop' }));
    if (!handles) return;
    app.onError((error) => {
      seen.push(error.res instanceof Response && error.status);
      return error.getResponse();
    });
  };
  for (const handles of [false, true]) {
    const { port } = await serve(scope, build(handles));
    for (const where of ['thread', 'process', 'loop']) {
      const { status, headers, text } = await ask(port, `/${where}`);
      assert.deepEqual([status, text, headers['www-authenticate']], [401, 'who are you?', 'Basic'], where);
      assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2'], where);
    }
  }
  assert.deepEqual(seen, [401, 401, 401]);
});

test('what does not cross throws when it is read of the context, too', limit, async (scope) => {
  const seen = [];
  const { port } = await serve(scope, (app, pool) => {
    app.get('/thread', blocking(h.guards, { pool }));
    app.get('/loop', blocking(h.guards, { where: 'loop' }));
    app.get('/selected', blocking(h.guards, { pool, select: () => ({ user: { admin: false } }) }));
    app.onError((error) => {
      seen.push([error.code, error.message]);
      return new Response('', { status: 500 });
    });
  });
  for (const where of ['thread', 'loop']) assert.equal((await ask(port, `/${where}`)).status, 500, where);
  const message =
    'context.user does not cross to the handler. Give its route a select: (c) => ({ user: c.get("user") }).';
  assert.deepEqual(seen, Array(2).fill(['ERR_ISTHMUS_INVALID_ARGUMENT', message]));
  assert.deepEqual((await ask(port, '/selected')).json, { denied: true });
});

test('what an error is answered by says what it is', limit, async (scope) => {
  const { port } = await serve(scope, (app, pool) => {
    app.get('/:kind', blocking(h.fail, { pool }));
    app.onError((error) => error.getResponse());
  });
  const { status, text, headers } = await ask(port, '/teapot');
  assert.deepEqual(
    [status, text, headers['content-type']],
    [418, 'short and stout', 'text/plain; charset=utf-8'],
  );
});

test('busy is 503; a client that leaves is noticed; death is a 500', limit, async (scope) => {
  const shared = words();
  const free = words();
  const { port, pool } = await serve(scope, (app, pool) => {
    const memory = () => ({ memory: shared.memory });
    app.get('/told', blocking(h.untilCancelled, { pool, select: memory }));
    app.get('/signal', blocking(h.untilAborted, { pool, select: memory }));
    app.get('/free', blocking(h.untilFree, { pool, select: () => ({ memory: free.memory }) }));
    app.get('/exits', blocking(h.exits, { pool }));
  });
  for (const [path, n] of [
    ['/told', 1],
    ['/signal', 2],
  ]) {
    const client = await dial(port);
    client.socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await shared.reaches(1, n);
    client.socket.destroy();
    await closed(client.socket);
    await shared.reaches(2, n);
  }
  // One that has run is in the pool until its answer is read there, and a full pool refuses.
  await until(() => pool.stats().running === 0 && pool.stats().queued === 0);
  const filling = Array.from({ length: 4 }, () => ask(port, '/free'));
  await until(() => free.read(1) === 2 && pool.stats().queued === 2);
  const refused = await ask(port, '/free');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  free.set(0);
  for (const { status } of await Promise.all(filling)) assert.equal(status, 200);
  assert.equal((await ask(port, '/exits')).status, 500);
  free.set(0);
  assert.equal((await ask(port, '/free')).status, 200);
});

test('shutdown under load: what was begun is answered', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const served = await serve(scope, (app, pool) => app.get('/:id', blocking(h.untilFree, { pool, select })));
  await closesUnderLoad(served, shared);
});

test('without a server of Node’s: app.request(), and the request’s own signal', limit, async (scope) => {
  const shared = words();
  const { app } = await serve(scope, (app, pool) => {
    app.get('/echo/:a', blocking(h.echo, { pool }));
    app.get('/told', blocking(h.untilCancelled, { pool, select: () => ({ memory: shared.memory }) }));
  });
  const answer = await app.request('/echo/1');
  assert.deepEqual((await answer.json()).params, { a: '1' });
  const abort = new AbortController();
  const told = app.request('/told', { signal: abort.signal });
  await shared.reaches(1);
  abort.abort();
  await shared.reaches(2);
  assert.equal((await told).status, 499);
});

test('what cannot work is refused when the route is made', () => {
  const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
  for (const [handler, options] of [
    [undefined],
    [{ module: '', name: 'where' }],
    [{ module: './handlers.mjs', name: 'where' }],
    [{ module: import.meta.url }],
    [{ module: new URL('handlers.mjs', import.meta.url), name: 'where' }, { where: 'loop' }],
    [(_a, _b, _c) => 1],
    [h.echo.bind(null)],
    [h.echo, { limiter: 'named' }],
    [h.echo, { select: async () => ({}) }],
    [h.echo, { timeout: Number.NaN }],
  ]) {
    assert.throws(() => blocking(handler, options), invalid, String(handler));
  }
});
