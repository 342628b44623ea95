// The automatic mode: plain exported handlers leave the loop by themselves, async ones stay, on a clean base.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import fastify from 'fastify';
import { canRun } from 'isthmus';
import { blocking, isthmus } from 'isthmus/fastify';
import * as h from './handlers.mjs';
import { ask, limit, serve, warningsDuring } from './kit.mjs';

const auto = { auto: true, pool: { size: 2 } };
const isHere = async (app, path) => (await ask(app.port, path)).json.threadId === threadId;

test('plain exported handlers leave the loop, async ones stay', limit, async (scope) => {
  const app = await serve(
    scope,
    (app) => {
      app.get('/plain', h.where);
      app.get('/async', h.runs);
      app.route({ method: ['GET', 'POST'], url: '/route', handler: h.where });
      app.get('/count/:n', h.countTo);
    },
    auto,
  );
  assert.equal(await isHere(app, '/plain'), false);
  assert.equal(await isHere(app, '/async'), true);
  assert.equal(await isHere(app, '/route'), false);
  assert.equal((await ask(app.port, '/count/3')).text, '1\n2\n3\n');
  assert.equal((await ask(app.port, '/plain', { method: 'HEAD' })).status, 200);
});

test('a route says otherwise by its config', limit, async (scope) => {
  const app = await serve(
    scope,
    (app) => {
      app.get('/loop', { config: { isthmus: 'loop' } }, h.where);
      app.get('/process', { config: { isthmus: 'process' } }, h.where);
      app.get('/async', { config: { isthmus: 'thread' } }, h.runs);
      app.get('/limited', { config: { isthmus: { limiter: 'one', timeout: 5000 } } }, h.where);
      app.get('/own', blocking(h.where, { where: 'loop' }));
    },
    { ...auto, processes: { size: 1 }, limiters: { one: 1 } },
  );
  assert.equal(await isHere(app, '/loop'), true);
  assert.notEqual((await ask(app.port, '/process')).json.pid, process.pid);
  assert.equal(await isHere(app, '/async'), false);
  assert.equal(await isHere(app, '/limited'), false);
  assert.equal(await isHere(app, '/own'), true);
});

test('without auto a route can ask for it', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.get('/plain', h.where);
    app.get('/asks', { config: { isthmus: 'thread' } }, h.where);
  });
  assert.equal(await isHere(app, '/plain'), true);
  assert.equal(await isHere(app, '/asks'), false);
});

test('what cannot leave stays, works, and is said once for each handler', limit, async (scope) => {
  let captured = 0;
  let app;
  const closure = () => ({ threadId, captured: ++captured });
  const warnings = await warningsDuring(async () => {
    app = await serve(
      scope,
      (app) => {
        app.get('/closure', closure);
        app.post('/closure', closure);
        app.get('/reply', h.takesReply);
        app.get('/silent', { config: { isthmus: 'loop' } }, () => ({ threadId, captured }));
        app.get('/later', (_request, reply) => {
          setTimeout(() => reply.send({ threadId }), 5);
        });
        app.get('/promise', () => new Promise((resolve) => setTimeout(resolve, 1, { threadId })));
        app.get('/throws', () => {
          throw Object.assign(new Error(`thrown ${captured}`), { statusCode: 409 });
        });
      },
      auto,
    );
  });
  assert.equal(warnings.length, 5, warnings.join('\n'));
  assert.match(warnings[0], /^GET \/closure: closure stays on the event loop: .*/);
  assert.match(warnings[1], /^GET \/reply: takesReply stays on the event loop: it declares 2 parameters/);
  for (const path of ['/closure', '/reply', '/silent', '/later', '/promise']) {
    assert.equal(await isHere(app, path), true, path);
  }
  assert.equal((await ask(app.port, '/throws')).status, 409);
});

test('strict refuses it instead', limit, async () => {
  const app = fastify();
  await app.register(isthmus, { auto: true, strict: true });
  assert.throws(() => app.get('/', h.takesReply), {
    code: 'ERR_ISTHMUS_INVALID_ARGUMENT',
    message: /GET \/: takesReply cannot run on another thread: it declares 2 parameters/,
  });
  app.get('/loop', { config: { isthmus: 'loop' } }, h.takesReply);
  await app.close();
});

test('it is for the scope that registers it, and the innermost plugin decides', limit, async (scope) => {
  const app = fastify({ forceCloseConnections: true });
  scope.after(() => app.close());
  app.get('/outside', h.where);
  await app.register(async (inner) => {
    await inner.register(isthmus, auto);
    inner.get('/inner', h.where);
    await inner.register(async (innermost) => {
      innermost.get('/inherits', h.where);
      await innermost.register(isthmus, { auto: false });
      innermost.get('/not', h.where);
      innermost.get('/asks', blocking(h.where));
      innermost.get('/completed', { config: { isthmus: 'loop' } }, async () => [
        innermost.isthmus.health().pools.thread.completed,
        inner.isthmus.health().pools.thread.completed,
      ]);
    });
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.port = app.server.address().port;
  assert.equal(app.isthmus, undefined);
  assert.equal(await isHere(app, '/outside'), true);
  assert.equal(await isHere(app, '/inner'), false);
  assert.equal(await isHere(app, '/inherits'), false);
  assert.equal(await isHere(app, '/not'), true);
  assert.equal(await isHere(app, '/asks'), false);
  assert.deepEqual((await ask(app.port, '/completed')).json, [3, 3], 'the pool outside is shared');
});

test('a handler that stays is entered from a clean base, where run() works', limit, async (scope) => {
  const app = await serve(scope, (app) => {
    app.get('/async', h.runs);
    app.get('/plain', h.plainRuns);
    app.get('/base', () => ({ base: canRun().base }));
  });
  assert.deepEqual((await ask(app.port, '/async')).json, { value: 'ran', threadId, base: 'turn' });
  assert.deepEqual((await ask(app.port, '/plain')).json, { value: 'ran', threadId });
  assert.equal((await ask(app.port, '/base')).json.base, 'turn');
  const many = await Promise.all(Array.from({ length: 256 }, () => ask(app.port, '/async')));
  assert.ok(many.every(({ status, json }) => status === 200 && json.value === 'ran'));
});

test('cleanBase: false leaves such handlers alone', limit, async (scope) => {
  const app = await serve(scope, (app) => app.get('/base', () => ({ base: canRun().base })), {
    cleanBase: false,
  });
  assert.equal((await ask(app.port, '/base')).json.base, 'http parser');
});
