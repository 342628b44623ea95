// The automatic mode: plain exported handlers leave the loop by themselves, async ones stay, on a clean base.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadId } from 'node:worker_threads';
import fastify from 'fastify';
import { canRun } from 'isthmus';
import { blocking, isthmus, respond } from 'isthmus/fastify';
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

test('a generator is streamed wherever it runs, async or not', limit, async (scope) => {
  const here = [];
  let app;
  const warnings = await warningsDuring(async () => {
    app = await serve(
      scope,
      (app) => {
        app.get('/sync/:n', h.countTo);
        app.get('/async/:n', h.countLater);
        app.get('/loop/:n', { config: { isthmus: 'loop' } }, h.countLater);
        app.get('/closure/:n', async function* (request) {
          here.push(threadId);
          yield* h.countLater(request);
        });
        app.get('/reply', function* (_request, reply) {
          reply.header('x-reply', 'yes');
          yield respond({ status: 201 });
          yield 'text';
        });
        app.get('/fails', function* () {
          yield respond({ status: 201 });
          throw Object.assign(new Error('first'), { statusCode: 409 });
        });
      },
      auto,
    );
  });
  assert.equal(warnings.length, 3, warnings.join('\n'));
  for (const path of ['/sync/3', '/async/3', '/loop/3', '/closure/3']) {
    const { text, headers } = await ask(app.port, path);
    assert.equal(text, '1\n2\n3\n', path);
    assert.equal(headers['content-type'], path === '/sync/3' ? 'text/plain; charset=utf-8' : undefined, path);
  }
  const { status, headers, text } = await ask(app.port, '/reply');
  assert.deepEqual([status, headers['x-reply'], text], [201, 'yes', 'text']);
  assert.equal((await ask(app.port, '/fails')).status, 409);
  assert.deepEqual(here, [threadId]);
  assert.equal(app.isthmus.health().pools.thread.completed, 2);
});

/** A server whose plugin is not waited for. */
async function missing(plugin, build) {
  const app = fastify();
  let error;
  const warnings = await warningsDuring(async () => {
    app.register(isthmus, plugin);
    build(app);
    error = await app.ready().then(
      () => undefined,
      (error) => error,
    );
  });
  await app.close();
  return { warnings, error };
}

test('routes that the plugin came too late for are said once, or refused', limit, async () => {
  const config = { isthmus: 'thread' };
  const both = (app) => {
    app.get('/auto', h.where);
    app.get('/asks', { config }, h.runs);
    app.get('/async', h.runs);
    app.get('/closure', () => ({ threadId }));
    app.post('/own', blocking(h.where));
  };
  const { warnings } = await missing({ auto: true }, both);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0],
    /GET \/auto, HEAD \/auto, GET \/asks, HEAD \/asks\. Write await app\.register\(isthmus/,
  );
  const asking = await missing({}, both);
  assert.match(asking.warnings.join(), /for them: GET \/asks, HEAD \/asks\. /);
  const { error } = await missing({ auto: true, strict: true }, both);
  assert.equal(error?.code, 'ERR_ISTHMUS_INVALID_ARGUMENT');
  const unknown = await missing({}, (app) => app.get('/', blocking(h.where, { limiter: 'none' })));
  assert.match(unknown.error?.message ?? '', /there is no limiter "none"/);
  const inner = await missing({ auto: true }, (app) => {
    app.register(async (child) => {
      child.get('/later', h.where);
    });
    app.after(() => app.get('/after', h.where));
  });
  assert.deepEqual([inner.warnings, inner.error], [[], undefined]);
});

test('on the loop there is no pool: options of one are refused', limit, async () => {
  const app = fastify();
  await app.register(isthmus, { limiters: { one: 1 } });
  for (const option of [
    { limiter: 'one' },
    { limiter: 'none' },
    { timeout: 5 },
    { grace: 0 },
    { priority: 1 },
  ]) {
    const invalid = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT', message: /with where: 'loop'/ };
    const options = { where: 'loop', ...option };
    assert.throws(() => blocking(h.where, options), invalid, JSON.stringify(options));
    assert.throws(() => app.get('/', { config: { isthmus: options } }, h.where), invalid);
  }
  const select = () => ({});
  assert.throws(() => app.get('/', { config: { isthmus: { where: 'loop', select } } }, h.where), /no select/);
  blocking(h.where, { where: 'loop', select });
  await app.close();
});
