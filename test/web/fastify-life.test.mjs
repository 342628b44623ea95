// Clients that leave, servers that close, workers that die, bodies of all sizes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import http2 from 'node:http2';
import { test } from 'node:test';
import { createPool } from 'isthmus';
import { blocking, isthmus } from 'isthmus/fastify';
import * as h from './handlers.mjs';
import { ask, closed, dial, limit, post, serve, stands, until, words } from './kit.mjs';

const get = (path) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
const statsOf = (app) => app.isthmus.health().pools.thread;

test(
  'when its client leaves, work that runs is told, and work that waits never begins',
  limit,
  async (scope) => {
    const shared = words();
    const errors = [];
    const app = await serve(
      scope,
      (app) => {
        app.addHook('onError', async (_request, _reply, error) => errors.push(error));
        app.get('/', blocking(h.untilCancelled, { select: () => ({ memory: shared.memory }) }));
        app.get('/where', blocking(h.where));
      },
      { pool: { size: 1 } },
    );
    const running = await dial(app.port);
    running.socket.write(get('/'));
    await shared.reaches(1);
    const waiting = await dial(app.port);
    waiting.socket.write(get('/'));
    await until(() => statsOf(app).queued === 1);
    waiting.socket.destroy();
    await until(() => statsOf(app).queued === 0);
    running.socket.destroy();
    await shared.reaches(2);
    assert.equal((await ask(app.port, '/where')).status, 200);
    assert.deepEqual([shared.read(1), shared.read(2)], [1, 1], 'the second one never began');
    assert.deepEqual(errors, [], 'nobody is there to be told of an error');
    assert.equal(statsOf(app).deaths['given up'], 0);
  },
);

test('async work is told by its signal', limit, async (scope) => {
  const shared = words();
  const app = await serve(scope, (app) =>
    app.get('/', blocking(h.untilSignal, { select: () => ({ memory: shared.memory }) })),
  );
  const client = await dial(app.port);
  client.socket.write(get('/'));
  await shared.reaches(1);
  client.socket.destroy();
  await shared.reaches(2);
});

test('with a grace, work that does not hear is ended', limit, async (scope) => {
  const shared = words();
  const app = await serve(
    scope,
    (app) => {
      app.get('/', blocking(h.deaf, { grace: 0, select: () => ({ memory: shared.memory }) }));
      app.get('/where', blocking(h.where));
    },
    { pool: { size: 1 } },
  );
  const client = await dial(app.port);
  client.socket.write(get('/'));
  await shared.reaches(1);
  client.socket.destroy();
  assert.equal((await ask(app.port, '/where')).status, 200);
  assert.equal(statsOf(app).deaths['given up'], 1);
});

test('of pipelined requests all are told when the connection is cut', limit, async (scope) => {
  const shared = words();
  const app = await serve(
    scope,
    (app) => app.get('/', blocking(h.untilCancelled, { select: () => ({ memory: shared.memory }) })),
    { pool: { size: 4 } },
  );
  const client = await dial(app.port);
  client.socket.write(get('/').repeat(3));
  await shared.reaches(1, 3);
  client.socket.destroy();
  await shared.reaches(2, 3);
});

test('of HTTP/2, one whose client has gone while a hook was at work does not begin', limit, async (scope) => {
  const shared = words();
  const seen = [];
  let session;
  // First of all, for Fastify waits for it to end.
  scope.after(() => session?.destroy());
  const app = await serve(
    scope,
    (app) => {
      const preHandler = async ({ raw }) => {
        const left = new Promise((resolve) => raw.stream.once('close', resolve));
        seen.push('entered');
        await left;
        seen.push('left');
      };
      app.get('/', { preHandler }, blocking(h.untilCancelled, { select: () => ({ memory: shared.memory }) }));
      app.get('/where', blocking(h.where));
    },
    { pool: { size: 1 } },
    { http2: true },
  );
  session = http2.connect(`http://127.0.0.1:${app.port}`);
  const request = session.request({ ':path': '/' });
  request.on('error', () => {});
  await until(() => seen.length === 1);
  request.close(http2.constants.NGHTTP2_CANCEL);
  await until(() => seen.length === 2);
  const next = session.request({ ':path': '/where' });
  const status = await new Promise((resolve) =>
    next.once('response', (headers) => resolve(headers[':status'])),
  );
  assert.deepEqual([status, shared.read(1)], [200, 0]);
});

test('pipelined requests are answered in order', limit, async (scope) => {
  const app = await serve(scope, (app) => app.get('/:n', blocking(h.spinFor)), { pool: { size: 2 } });
  const client = await dial(app.port);
  client.socket.write([20, 1, 10, 0].map((ms) => get(`/x?ms=${ms}`)).join(''));
  await until(() => client.said.split('HTTP/1.1 200').length === 5 && client.said.endsWith('}'));
  assert.deepEqual(
    [...client.said.matchAll(/"ms":"(\d+)"/g)].map((match) => match[1]),
    ['20', '1', '10', '0'],
  );
  client.socket.destroy();
});

test('a body that breaks off never reaches the handler', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.post('/', blocking(h.bodyOf));
    app.get('/where', blocking(h.where));
  });
  await ask(app.port, '/where');
  const client = await dial(app.port);
  client.socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a":',
  );
  await new Promise((resolve) => app.server.getConnections(() => resolve()));
  client.socket.destroy();
  await closed(client.socket);
  assert.equal((await ask(app.port, '/where')).status, 200);
  assert.equal(statsOf(app).completed, 2);
});

test('malformed input is refused by the framework, and costs no worker', limit, async (scope) => {
  const app = await serve(scope, (app) => app.post('/', blocking(h.bodyOf)));
  const json = { 'content-type': 'application/json' };
  for (const body of ['{', '{"a":', '', '{"__proto__":1}']) {
    assert.equal((await ask(app.port, '/', { method: 'POST', headers: json, body })).status, 400, body);
  }
  assert.equal(
    (await ask(app.port, '/', { method: 'POST', headers: { 'content-type': 'x/y' }, body: 'x' })).status,
    415,
  );
  const client = await dial(app.port);
  client.socket.write('GARBAGE\r\n\r\n');
  await closed(client.socket);
  assert.match(client.said, /^HTTP\/1.1 400/);
  assert.equal(statsOf(app), undefined);
  assert.deepEqual((await post(app.port, '/', [1])).json, [1]);
});

for (const where of ['thread', 'process']) {
  test(`bodies of 0 bytes to 32 MB, there and back: ${where}`, limit, async (scope) => {
    const app = await serve(
      scope,
      (app) => {
        app.addContentTypeParser('application/x-bytes', { parseAs: 'buffer' }, (_request, body, done) =>
          done(null, body),
        );
        app.post('/', blocking(h.bodyOf, { where }));
        app.post('/length', blocking(h.lengthOf, { where }));
      },
      { pool: { size: 2 }, processes: { size: 1 } },
      { bodyLimit: 2 ** 26 },
    );
    const digest = (bytes) => createHash('sha1').update(bytes).digest('hex');
    for (const size of [0, 1, 1023, 16_384, 32_768, 65_537, 1_000_003, 2 ** 25]) {
      const body = Buffer.alloc(size, size % 251);
      if (size > 2) body.writeUInt16BE(size % 65_521, size - 2);
      const options = { method: 'POST', headers: { 'content-type': 'application/x-bytes' }, body };
      const answer = await ask(app.port, '/', options);
      assert.deepEqual([answer.status, answer.body.length], [200, size]);
      assert.equal(digest(answer.body), digest(body));
      assert.deepEqual((await ask(app.port, '/length', options)).json, { length: size, kind: 'Buffer' });
    }
    const text = 'ä'.repeat(2 ** 23);
    assert.equal((await post(app.port, '/', { text })).json.text, text);
  });
}

test('a worker that dies: its request is a 500, the next one works', limit, async (scope) => {
  const app = await serve(
    scope,
    (app) => {
      app.get('/exits', blocking(h.exits));
      app.get('/exits/process', blocking(h.exits, { where: 'process' }));
      app.get('/where', blocking(h.where));
      app.get('/where/process', blocking(h.where, { where: 'process' }));
    },
    { pool: { size: 2 }, processes: { size: 1 } },
  );
  for (const [path, code] of [
    ['', 'ERR_ISTHMUS_THREAD_DIED'],
    ['/process', 'ERR_ISTHMUS_PROCESS_DIED'],
  ]) {
    const answers = await Promise.all([
      ask(app.port, `/exits${path}`),
      ...Array.from({ length: 20 }, () => ask(app.port, `/where${path}`)),
      ask(app.port, `/exits${path}?code=5`),
    ]);
    assert.deepEqual([answers[0].status, answers[0].json.code], [500, code]);
    assert.deepEqual([answers.at(-1).status, answers.at(-1).json.code], [500, code]);
    assert.ok(answers.slice(1, -1).every(({ status }) => status === 200));
    assert.equal((await ask(app.port, `/where${path}`)).status, 200);
  }
});

test('close() waits for what runs and what waits', limit, async (scope) => {
  const shared = words();
  const app = await serve(
    scope,
    (app) => app.get('/:id', blocking(h.untilFree, { select: () => ({ memory: shared.memory }) })),
    { pool: { size: 1 } },
    { forceCloseConnections: false },
  );
  const answers = [ask(app.port, '/1'), ask(app.port, '/2')];
  await until(() => statsOf(app)?.queued === 1 && shared.read(1) === 1);
  const closing = app.close();
  await new Promise((resolve) => setImmediate(resolve));
  shared.set(0);
  assert.deepEqual((await Promise.all(answers)).map(({ status, json }) => [status, json.id]).sort(), [
    [200, '1'],
    [200, '2'],
  ]);
  await closing;
  assert.equal(statsOf(app).workers.length, 0);
});

test('close() answers 503 after its deadline, and ends', limit, async (scope) => {
  const shared = words();
  const pool = createPool({ size: 1 });
  scope.after(() => pool.destroy());
  const select = () => ({ memory: shared.memory });
  const app = await serve(
    scope,
    (app) => {
      app.get('/', blocking(h.deaf, { select }));
      app.get('/own', blocking(h.deaf, { select, pool, grace: 0 }));
    },
    { pool: { size: 1 }, drain: 100 },
    { forceCloseConnections: false },
  );
  const answers = [ask(app.port, '/'), ask(app.port, '/'), ask(app.port, '/own')];
  await shared.reaches(1, 2);
  await until(() => statsOf(app).queued === 1);
  await app.close();
  for (const { status, json } of await Promise.all(answers)) {
    assert.deepEqual([status, json.code], [503, 'ERR_ISTHMUS_TIMEOUT']);
  }
  assert.equal(statsOf(app).workers.length, 0);
  assert.equal(await pool.run(h.bodyOf, { body: 1 }), 1, 'a pool of one’s own lives on');
});

test('close() ends also where a client reads no further', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const build = (app) => {
    app.get('/stream', blocking(h.endless, { select }));
    app.get('/bytes', blocking(h.large));
  };
  for (const path of ['/stream', '/bytes']) {
    const app = await serve(
      scope,
      build,
      { pool: { size: 1 }, drain: 100 },
      { forceCloseConnections: false },
    );
    const client = await dial(app.port);
    client.socket.write(get(path));
    await until(() => client.said.length > 0);
    client.socket.pause();
    // What is sent in one piece fills the buffers on the way by itself.
    if (path === '/stream') await stands(() => shared.read(1));
    await app.close();
    assert.equal(statsOf(app).workers.length, 0, path);
    client.socket.destroy();
  }
});

test(
  'close() under load: what was begun is answered, and what comes later is refused',
  limit,
  async (scope) => {
    const app = await serve(
      scope,
      (app) => app.get('/:id', blocking(h.spinFor)),
      { pool: { size: 2 } },
      { forceCloseConnections: false },
    );
    const counts = {};
    let isOpen = true;
    scope.after(() => {
      isOpen = false;
    });
    const client = async (id) => {
      for (let i = 0; isOpen; i++) {
        const text = `${id}-${i}`;
        const answer = await ask(app.port, `/x?ms=1&text=${text}`).catch(({ code }) => ({ status: code }));
        if (answer.status === 200) assert.equal(answer.json.text, text);
        counts[answer.status] = (counts[answer.status] ?? 0) + 1;
      }
    };
    const clients = Array.from({ length: 32 }, (_, id) => client(id));
    await until(() => counts[200] > 200);
    await app.close();
    const { running, queued, workers, failed, completed } = statsOf(app);
    assert.deepEqual([running, queued, workers.length, failed], [0, 0, 0, 0]);
    await assert.rejects(ask(app.port, '/late'), { code: 'ECONNREFUSED' });
    isOpen = false;
    await Promise.all(clients);
    assert.equal(counts[200], completed, 'what has run was answered');
    // Fastify answers by 503 what comes on a connection that is still open.
    const known = ['200', '503', 'ECONNREFUSED', 'ECONNRESET'];
    assert.deepEqual(
      Object.keys(counts).filter((status) => !known.includes(status)),
      [],
    );
  },
);

test('a server without a request closes at once, and twice', limit, async (scope) => {
  const app = await serve(scope, (app) => app.get('/', blocking(h.where)));
  await app.close();
  await app.close();
});

test('Fastify’s own time limit answers, and the work is told', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const app = await serve(scope, (app) => {
    app.get('/warm', blocking(h.where));
    app.get('/', { handlerTimeout: 200 }, blocking(h.untilCancelled, { select }));
  });
  await ask(app.port, '/warm');
  const client = await dial(app.port);
  client.socket.write(get('/'));
  await until(() => client.said.includes('FST_ERR_HANDLER_TIMEOUT'));
  assert.match(client.said, /^HTTP\/1.1 503/);
  // The connection is still there: it is the answer that tells.
  await shared.reaches(2);
  assert.equal(client.socket.destroyed, false);
  client.socket.destroy();
});

test('close() ends also where a client has sent half a request, or nothing', limit, async (scope) => {
  const half =
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a":';
  for (const said of ['', 'GET / HT', half]) {
    const app = await serve(
      scope,
      (app) => {
        app.get('/', blocking(h.where));
        app.post('/', blocking(h.bodyOf));
      },
      { pool: { size: 1 }, drain: 100 },
      { forceCloseConnections: false },
    );
    const client = await dial(app.port);
    client.socket.write(said);
    assert.equal((await ask(app.port, '/')).status, 200);
    await app.close();
    await closed(client.socket);
  }
});

test('of the plugins of a server the one that waits longest cuts connections', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const app = await serve(
    scope,
    async (app) => {
      app.get('/:id', blocking(h.untilFree, { select }));
      await app.register(async (inner) => inner.register(isthmus, { drain: 0 }));
    },
    { pool: { size: 1 }, drain: Number.POSITIVE_INFINITY },
    { forceCloseConnections: false },
  );
  const answer = ask(app.port, '/1');
  await shared.reaches(1);
  const closing = app.close();
  // It gives up at once, and a second later it cuts what is its own; half a second for the loop to come to that.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  shared.set(0);
  assert.equal((await answer).status, 200);
  await closing;
});
