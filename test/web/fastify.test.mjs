// Fastify: what crosses to a handler in a worker, what comes back, and what is refused when a route is registered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import fastify from 'fastify';
import { createPool, Limiter, QueueFullError } from 'isthmus';
import { blocking, isthmus, respond } from 'isthmus/fastify';
import * as h from './handlers.mjs';
import { ask, limit, post, serve, until, words } from './kit.mjs';

test('a handler runs on a thread, with the data of its request', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.get('/where', blocking(h.where));
    app.post('/echo/:a/:b', blocking(h.echo));
  });
  const { json } = await ask(app.port, '/where');
  assert.notEqual(json.threadId, threadId);
  assert.equal(json.pid, process.pid);
  const answer = await post(
    app.port,
    '/echo/1/zwei?q=x&q=y&r=%C3%A4',
    { deep: [1, { two: null }] },
    { 'X-Name': 'n' },
  );
  assert.equal(answer.status, 200);
  const { id, method, url, ip, params, query, headers, body } = answer.json;
  assert.match(id, /^req-/);
  assert.deepEqual(
    { method, url, ip, params, query, body },
    {
      method: 'POST',
      url: '/echo/1/zwei?q=x&q=y&r=%C3%A4',
      ip: '127.0.0.1',
      params: { a: '1', b: 'zwei' },
      query: { q: ['x', 'y'], r: 'ä' },
      body: { deep: [1, { two: null }] },
    },
  );
  assert.equal(headers['x-name'], 'n');
  assert.equal(headers['content-type'], 'application/json');
});

test('hostile names in what a client sends are data', limit, async (scope) => {
  const app = await serve(
    scope,
    (app) => app.post('/', blocking(h.echo)),
    { pool: { size: 1 } },
    { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' },
  );
  const path = '/?__proto__=p&constructor=c&toJSON=t&then=x';
  const answer = await ask(app.port, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"__proto__":{"polluted":1},"constructor":{"prototype":2},"then":3,"toJSON":4,"isthmus.Responded":5}',
  });
  assert.equal(answer.status, 200);
  const { query, body } = answer.json;
  assert.deepEqual([query.constructor, query.toJSON, query.then], ['c', 't', 'x']);
  assert.deepEqual([body.then, body.toJSON, body['isthmus.Responded']], [3, 4, 5]);
  assert.equal({}.polluted, undefined);
});

const expected = {
  object: [200, /^application\/json/, '{"a":[1,{"b":"two"}]}'],
  text: [200, /^text\/plain/, 'äöü'],
  empty: [200, undefined, ''],
  buffer: [200, /^application\/octet-stream/, '\x01\x02\x03'],
  view: [200, /^application\/octet-stream/, '\x01\x02'],
  arrayBuffer: [200, /^application\/octet-stream/, '\x07\x08'],
  moved: [200, /^application\/octet-stream/, '\x05'.repeat(100_000)],
  nothing: [204, undefined, ''],
  date: [200, /^application\/json/, '{"at":"1970-01-01T00:00:00.000Z"}'],
  created: [201, /^application\/json/, '{"id":1}'],
  cookies: [200, /^text\/plain/, 'ok'],
  bare: [304, undefined, ''],
  html: [200, /^text\/html/, '<p>'],
  movedPart: [200, /^application\/octet-stream/, '\x06'.repeat(50_000)],
};

for (const where of ['thread', 'process', 'loop']) {
  test(`what a handler returns is sent as what it is: ${where}`, limit, async (scope) => {
    const app = await serve(
      scope,
      (app) => {
        app.get('/:kind', blocking(h.result, { where }));
      },
      { pool: { size: 1 }, processes: { size: 1 } },
    );
    for (const kind of h.kinds) {
      // Twice: what is moved must not have been somebody else's.
      for (let i = 0; i < 2; i++) {
        const [status, type, text] = expected[kind];
        const answer = await ask(app.port, `/${kind}`);
        assert.equal(answer.status, status, kind);
        if (type !== undefined) assert.match(answer.headers['content-type'], type, kind);
        assert.equal(answer.text, text, kind);
      }
    }
    const { headers } = await ask(app.port, '/created');
    assert.deepEqual([headers.location, headers['x-n']], ['/1', '5']);
    assert.deepEqual((await ask(app.port, '/cookies')).headers['set-cookie'], ['a=1', 'b=2']);
  });

  test(`errors keep their status, and reach the error handlers: ${where}`, limit, async (scope) => {
    const seen = [];
    const app = await serve(
      scope,
      (app) => {
        app.get('/:kind', blocking(h.fail, { where }));
        app.register(async (inner) => {
          inner.setErrorHandler((error, _request, reply) => {
            seen.push(error);
            reply.code(error.statusCode ?? 500).send({ caught: error.message });
          });
          inner.get('/inner/:kind', blocking(h.fail, { where }));
        });
      },
      { pool: { size: 1 }, processes: { size: 1 } },
    );
    const { status, json } = await ask(app.port, '/teapot');
    assert.equal(status, 418);
    assert.deepEqual(json, { statusCode: 418, error: "I'm a Teapot", message: 'short and stout' });
    for (const kind of h.errorKinds.filter((kind) => kind !== 'teapot')) {
      assert.equal((await ask(app.port, `/${kind}`)).status, 500, kind);
    }
    assert.deepEqual((await ask(app.port, '/inner/teapot')).json, { caught: 'short and stout' });
    assert.ok(seen[0] instanceof h.Teapot);
    assert.deepEqual(seen[0].extra, { cups: 2 });
    assert.match(seen[0].stack, /handlers\.mjs/);
    // Also in a flood: nothing is looked up for it while requests come.
    const flood = Array.from({ length: 200 }, () => ask(app.port, '/inner/teapot'));
    await Promise.all(flood);
    if (where !== 'loop')
      for (const { stack } of seen) assert.match(stack, /fastify\.test\.mjs:\d+/, 'where the route was made');
    assert.equal((await ask(app.port, '/plain')).status, 500, 'and it goes on');
  });
}

test('a result that cannot cross is an error that says where', limit, async (scope) => {
  const app = await serve(scope, (app) => app.get('/', blocking(h.uncloneable)));
  const { status, json } = await ask(app.port, '/');
  assert.equal(status, 500);
  assert.equal(json.code, 'ERR_ISTHMUS_UNCLONEABLE');
  assert.match(json.message, /result\.fn/);
});

test('a route of its own pool, in a process, async, on the loop', limit, async (scope) => {
  const pool = createPool({ size: 1 });
  scope.after(() => pool.destroy());
  const app = await serve(scope, (app) => {
    app.get('/pool', blocking(h.where, { pool }));
    app.get('/process', blocking(h.where, { where: 'process' }));
    app.get('/loop', blocking(h.where, { where: 'loop' }));
    app.get('/later/:n', blocking(h.later));
  });
  assert.notEqual((await ask(app.port, '/pool')).json.threadId, threadId);
  assert.equal(pool.stats().completed, 1);
  assert.notEqual((await ask(app.port, '/process')).json.pid, process.pid);
  assert.deepEqual((await ask(app.port, '/loop')).json, { threadId, pid: process.pid });
  assert.deepEqual((await ask(app.port, '/later/5')).json, { later: { n: '5' } });
  await app.close();
  assert.equal(await pool.run(h.bodyOf, { body: 5 }), 5, 'a pool of one’s own is not closed');
});

test(
  'an address that is written out stands for a handler, and leads where it leads',
  limit,
  async (scope) => {
    const module = new URL('handlers.mjs', import.meta.url).href;
    const app = await serve(scope, (app) => {
      app.get('/where', blocking({ module, name: 'where' }));
      app.get('/count/:n', blocking({ module, name: 'countTo' }));
      app.get('/none', blocking({ module, name: 'none' }));
      app.get('/nowhere', blocking({ module: 'file:///none.mjs', name: 'x' }));
    });
    assert.notEqual((await ask(app.port, '/where')).json.threadId, threadId);
    assert.equal((await ask(app.port, '/count/2')).text, '1\n2\n');
    const codes = { '/none': 'ERR_ISTHMUS_NO_ADDRESS', '/nowhere': 'ERR_ISTHMUS_LOAD' };
    for (const [path, code] of Object.entries(codes)) {
      const { status, json } = await ask(app.port, path);
      assert.deepEqual([status, json.code], [500, code], path);
    }
    assert.throws(() => blocking({ module, name: 'where' }, { where: 'loop' }), {
      code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
    });
  },
);

test('without the plugin its routes share the pool of all calls', limit, async (scope) => {
  const app = fastify();
  scope.after(() => app.close());
  app.get('/', blocking(h.where));
  await app.listen({ port: 0, host: '127.0.0.1' });
  assert.notEqual((await ask(app.server.address().port, '/')).json.threadId, threadId);
});

test('schemas, hooks and decorators do what they do; select lets more cross', limit, async (scope) => {
  const order = [];
  const app = await serve(scope, (app) => {
    app.decorateRequest('user', null);
    app.addHook('preHandler', async (request) => {
      order.push('preHandler');
      request.user = { name: 'ada', secret: 'no' };
    });
    app.addHook('onSend', async (_request, _reply, payload) => {
      order.push('onSend');
      return payload;
    });
    app.post(
      '/',
      {
        schema: {
          body: {
            type: 'object',
            required: ['n'],
            properties: { n: { type: 'integer' }, d: { default: 7 } },
          },
          response: { 200: { type: 'object', properties: { body: {}, user: {} } } },
        },
      },
      blocking(h.echo, { select: ({ user }) => ({ user: { name: user.name } }) }),
    );
  });
  assert.deepEqual((await post(app.port, '/', { n: '5' })).json, {
    body: { n: 5, d: 7 },
    user: { name: 'ada' },
  });
  assert.deepEqual(order, ['preHandler', 'onSend']);
  const { status, json } = await post(app.port, '/', { m: 1 });
  assert.equal(status, 400);
  assert.match(json.message, /required property 'n'/);
  assert.equal(app.isthmus.health().pools.thread.completed, 1, 'what is refused does not cross');
});

test('select gives an object, at once', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    const given = [() => Promise.resolve({ a: 1 }), () => 'text', () => [1], () => undefined, () => null];
    for (const [i, select] of given.entries()) app.get(`/${i}`, blocking(h.ids, { select }));
  });
  const answers = await Promise.all([0, 1, 2, 3, 4].map((i) => ask(app.port, `/${i}`)));
  const messages = ['not a promise: wait for it before', 'not "text"', 'not an array'];
  for (const [i, message] of messages.entries()) {
    const { code, message: said } = answers[i].json;
    assert.equal(code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
    assert.ok(said.includes(message), said);
  }
  assert.deepEqual(
    answers.slice(3).map(({ status }) => status),
    [200, 200],
  );
});

test('a body that no parser has read is an async iterable in the worker', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.post('/', blocking(h.lengthOfStream));
  });
  const headers = { 'content-type': 'x/y' };
  for (const size of [0, 1, 3_000_000]) {
    const answer = await ask(app.port, '/', { method: 'POST', headers, body: Buffer.alloc(size) });
    assert.deepEqual([answer.status, answer.json], [200, { length: size }]);
  }
});

test('a handler knows the id by which the log calls its request', limit, async (scope) => {
  const lines = [];
  const logger = { stream: { write: (line) => lines.push(JSON.parse(line)) } };
  const app = await serve(scope, (app) => app.get('/', blocking(h.ids)), undefined, { logger });
  const seen = (await Promise.all([1, 2, 3].map(() => ask(app.port, '/')))).map(({ json: [, id] }) => id);
  await until(() => lines.filter(({ msg }) => msg === 'request completed').length === 3);
  const logged = lines.filter(({ msg }) => msg === 'request completed').map(({ reqId }) => reqId);
  assert.deepEqual(seen.sort(), logged.sort());
});

test('onRoute hooks of others see each route once, and may still change it', limit, async (scope) => {
  const seen = [];
  const app = fastify({ forceCloseConnections: true });
  scope.after(() => app.close());
  app.addHook('onRoute', ({ method, url }) => seen.push(`before ${method} ${url}`));
  await app.register(isthmus, { auto: true, pool: { size: 1 } });
  app.addHook('onRoute', (route) => {
    seen.push(`after ${route.method} ${route.url}`);
    const { handler } = route;
    route.handler = async function (...args) {
      return { wrapped: await handler.apply(this, args) };
    };
  });
  app.get('/plain', h.bodyOf);
  app.post('/own', blocking(h.bodyOf));
  const payload = { a: 1 };
  assert.deepEqual((await app.inject({ method: 'POST', url: '/own', payload })).json(), {
    wrapped: { a: 1 },
  });
  assert.deepEqual(seen, [
    'before GET /plain',
    'after GET /plain',
    'before HEAD /plain',
    'after HEAD /plain',
    'before POST /own',
    'after POST /own',
  ]);
  assert.equal(app.isthmus.health().pools.thread.completed, 1);
});

test('the id of a request goes along', limit, async (scope) => {
  let n = 0;
  const options = { genReqId: () => `mine-${++n}` };
  const select = ({ query }) => query;
  const app = await serve(scope, (app) => app.get('/', blocking(h.ids, { select })), undefined, options);
  assert.deepEqual((await ask(app.port, '/')).json, ['mine-1', 'mine-1']);
  assert.deepEqual((await ask(app.port, '/')).json, ['mine-2', 'mine-2']);
  assert.deepEqual(
    (await ask(app.port, '/?id=other')).json,
    ['other', 'mine-3'],
    'select decides what crosses',
  );
});

test('HEAD and OPTIONS', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.get('/:kind', blocking(h.result));
    app.options('/:kind', blocking(h.echo));
  });
  const head = await ask(app.port, '/object', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '21']);
  assert.equal((await ask(app.port, '/created', { method: 'HEAD' })).status, 201);
  assert.equal((await ask(app.port, '/x', { method: 'OPTIONS' })).json.method, 'OPTIONS');
});

test('what cannot work is refused when the route is registered', limit, async () => {
  const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
  let captured = 1;
  assert.throws(() => blocking(() => captured++), {
    ...invalid,
    message: /another thread.*captures captured|entry module/,
  });
  assert.throws(() => blocking(h.takesReply), {
    ...invalid,
    message: /takesReply.*2 parameters.*Fastify's reply/,
  });
  assert.throws(() => blocking(h.where.bind(null)), { ...invalid, message: /bound/ });
  assert.throws(() => blocking(), {
    ...invalid,
    message: /an exported function, or its address, not undefined/,
  });
  assert.throws(() => blocking(undefined, { where: 'loop' }), invalid);
  for (const options of [
    null,
    [],
    { wher: 'thread' },
    { where: 'cluster' },
    { pool: {} },
    { pool: createPool(), where: 'thread' },
    { limiter: 5 },
    { select: 'user' },
    { select: async ({ user }) => ({ user }) },
    { timeout: Number.NaN },
    { grace: 'x' },
    { priority: 'x' },
  ]) {
    assert.throws(() => blocking(h.where, options), invalid, JSON.stringify(options));
  }
});

/** What registering does. */
async function registering(plugin, build = () => {}) {
  const app = fastify();
  try {
    await app.register(isthmus, plugin);
    await build(app);
    await app.ready();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await app.close();
  }
}

test(
  'the plugin’s options, and those of its routes, are checked when they are given',
  limit,
  async (scope) => {
    const [ofThreads, ofProcesses] = [createPool(), createPool({ kind: 'process' })];
    scope.after(() => Promise.all([ofThreads.destroy(), ofProcesses.destroy()]));
    for (const plugin of [
      { aut: true },
      { auto: 1 },
      { pool: 5 },
      { pool: [] },
      { pool: { siez: 1 } },
      { pool: { size: 0 } },
      { pool: { size: 1, minimum: 2 } },
      { pool: { kind: 'process' } },
      { pool: { kind: 'thread' } },
      { processes: { kind: 'thread' } },
      { processes: { queue: -1 } },
      { pool: ofProcesses },
      { processes: ofThreads },
      { limiters: [] },
      { limiters: [1] },
      5,
      'auto',
      { processes: 'x' },
      { limiters: 5 },
      { limiters: { a: 0 } },
      { drain: -1 },
      { drain: 'x' },
    ]) {
      assert.equal((await registering(plugin))?.code, 'ERR_ISTHMUS_INVALID_ARGUMENT', JSON.stringify(plugin));
    }
    assert.equal(await registering({ pool: ofThreads, processes: ofProcesses }), undefined);
    const twice = await registering({}, (app) => app.register(isthmus));
    assert.match(twice?.message ?? '', /registered in this scope already/);
    assert.equal(await registering({ prefix: '/x', limiters: { a: 1, b: new Limiter(2) } }), undefined);
    for (const [handler, options] of [
      [blocking(h.where, { limiter: 'none' }), {}],
      [h.where, { config: { isthmus: { timeout: -1 } } }],
      [h.where, { config: { isthmus: { grace: 'x' } } }],
      [h.where, { config: { isthmus: 'nowhere' } }],
      [h.where, { config: { isthmus: { limiter: 'none' } } }],
      [h.takesReply, { config: { isthmus: 'thread' } }],
    ]) {
      const error = await registering({}, (app) => app.get('/', options, handler));
      assert.equal(error?.code, 'ERR_ISTHMUS_INVALID_ARGUMENT', JSON.stringify(options));
    }
  },
);

test('respond() checks what it is given', () => {
  const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
  for (const parts of [
    undefined,
    null,
    { stat: 5 },
    { status: 99 },
    { status: 101 },
    { status: '200' },
    { status: 600 },
    { headers: 5 },
    { headers: [] },
    { headers: { 'a b': 'x' } },
    { headers: { a: 'x\r\nb: y' } },
    { headers: { a: ['x', 'y\nz'] } },
    { headers: { a: undefined } },
    { headers: { 'Transfer-Encoding': 'chunked' } },
  ]) {
    assert.throws(() => respond(parts), invalid, JSON.stringify(parts));
  }
  assert.equal(respond({ status: 200 }).status, 200);
});

test('a header with a line break is refused, and nothing of it is sent', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.get('/value', blocking(h.header));
    app.get('/name', blocking(h.headerName));
  });
  const evil = encodeURIComponent('x\r\nset-cookie: evil=1\r\n\r\n<script>');
  for (const path of ['/value', '/name']) {
    const answer = await ask(app.port, `${path}?name=${evil}`);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(answer.json.code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
  }
  assert.equal((await ask(app.port, '/value?name=fine')).headers['x-name'], 'fine');
});

test('health and metrics show the pools and limiters', limit, async (scope) => {
  const app = await serve(
    scope,
    (app) => {
      app.get('/', blocking(h.where, { limiter: 'images' }));
      app.get('/health', async () => app.isthmus.health());
      app.get('/metrics', async () => app.isthmus.metrics());
    },
    { pool: { size: 3 }, limiters: { images: 2 } },
  );
  await ask(app.port, '/');
  const { pools, limiters, turn } = (await ask(app.port, '/health')).json;
  assert.deepEqual([pools.thread.size, pools.thread.completed], [3, 1]);
  assert.deepEqual(limiters.images, { name: 'images', reserved: 0, most: 2, used: 0, waiting: 0 });
  assert.ok(turn.admitted > 0);
  const { text } = await ask(app.port, '/metrics');
  assert.match(text, /^isthmus_pool_completed_total\{pool="thread"\} 1$/m);
  assert.match(text, /^isthmus_limiter_most\{limiter="images"\} 2$/m);
});

test('a full queue is 503, with when to come back', limit, async (scope) => {
  const seen = [];
  const shared = words();
  const app = await serve(
    scope,
    (app) => {
      app.addHook('onError', async (_request, _reply, error) => seen.push(error));
      app.get('/:id', blocking(h.untilFree, { select: () => ({ memory: shared.memory }) }));
    },
    { pool: { size: 1, queue: 1 } },
  );
  const waiting = [ask(app.port, '/1'), ask(app.port, '/2')];
  await until(() => app.isthmus.health().pools.thread?.queued === 1 && shared.read(1) === 1);
  const refused = await ask(app.port, '/3');
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  assert.equal(refused.json.code, 'ERR_ISTHMUS_QUEUE_FULL');
  assert.ok(seen[0] instanceof QueueFullError);
  shared.set(0);
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ json }) => json.id),
    ['1', '2'],
  );
  assert.equal((await ask(app.port, '/4')).json.id, '4');
});

test('a timeout is 503, and the work is told', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const app = await serve(scope, (app) => {
    app.get('/warm', blocking(h.where));
    app.get('/', blocking(h.untilCancelled, { timeout: 200, select }));
  });
  await ask(app.port, '/warm');
  const { status, headers, json } = await ask(app.port, '/');
  assert.deepEqual([status, headers['retry-after'], json.code], [503, '1', 'ERR_ISTHMUS_TIMEOUT']);
  await shared.reaches(2);
});
