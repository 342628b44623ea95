// What a request has on the loop and not in its handler: asked for, it is an error that says what to write, and never undefined.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import express from 'express';
import { createPool } from 'isthmus';
import { blocking as ofExpress } from 'isthmus/express';
import { blocking } from 'isthmus/fastify';
import * as h from './handlers.mjs';
import { ask, limit, listen, post, serve } from './kit.mjs';

const code = 'ERR_ISTHMUS_INVALID_ARGUMENT';
const plugin = { auto: true, pool: { size: 1 }, processes: { size: 1 } };

/** Routes of every kind, with a user that a hook has put on the request. */
const build = (app) => {
  app.decorateRequest('user', null);
  app.addHook('onRequest', async (request) => {
    request.user = { admin: false };
  });
  for (const [name, handler] of Object.entries({ guards: h.guards, reads: h.reads, looksAt: h.looksAt })) {
    app.get(`/auto/${name}`, handler);
    for (const where of ['thread', 'process', 'loop']) {
      app.get(`/${where}/${name}`, blocking(handler, { where }));
    }
  }
  const select = ({ user }) => ({ user });
  app.get('/selects', { config: { isthmus: { select } } }, h.guards);
  app.get('/undefined', { config: { isthmus: { select: () => ({ user: undefined }) } } }, h.guards);
  app.get('/awaited', blocking(h.awaited));
  app.get('/late', blocking(h.guardsLate));
  app.post('/echo', blocking(h.echo));
};

test('a guard that asks for what did not cross does not let anybody in', limit, async (scope) => {
  const app = await serve(scope, build, plugin);
  for (const where of ['auto', 'thread', 'process', 'loop']) {
    const { status, json } = await ask(app.port, `/${where}/guards`);
    assert.deepEqual([status, json.code], [500, code], where);
    assert.equal(
      json.message,
      'request.user does not cross to the handler. Give its route a select: (request) => ({ user: request.user }).',
    );
    for (const name of ['session', 'hostname', 'protocol', 'raw', 'log', 'usr', 'a-b', '0']) {
      const asked = await ask(app.port, `/${where}/reads?name=${name}`);
      assert.deepEqual([asked.status, asked.json.code], [500, code], `${where} ${name}`);
    }
  }
  assert.deepEqual((await ask(app.port, '/selects')).json, { denied: true });
  assert.deepEqual((await ask(app.port, '/undefined')).json, { secret: 42 }, 'select has said so');
});

test('what a request has can be read, spread and shown as ever', limit, async (scope) => {
  const app = await serve(scope, build, plugin);
  const keys = ['id', 'method', 'url', 'ip', 'params', 'query', 'headers'];
  for (const where of ['auto', 'thread', 'process', 'loop']) {
    const { json } = await ask(app.port, `/${where}/looksAt`);
    assert.deepEqual(
      json,
      {
        keys,
        rest: keys.length - 1,
        has: [false, true, false],
        json: 'GET',
        clone: 'GET',
        shown: true,
        text: '[object Object]',
        body: 'undefined',
      },
      where,
    );
    for (const name of ['body', 'then', 'toJSON', 'ip', 'constructor']) {
      assert.equal((await ask(app.port, `/${where}/reads?name=${name}`)).status, 200, `${where} ${name}`);
    }
  }
  assert.equal((await ask(app.port, '/awaited')).text, 'GET');
  assert.deepEqual((await post(app.port, '/echo', { user: 1 })).json.body, { user: 1 });
});

test('in a stream too it is an error', limit, async (scope) => {
  const app = await serve(scope, build, plugin);
  await assert.rejects(ask(app.port, '/late'), { code: 'ECONNRESET' });
});

test('the same of Express', limit, async (scope) => {
  const app = express();
  const pool = createPool({ size: 1 });
  app.use((request, _response, next) => {
    request.user = { admin: false };
    next();
  });
  app.get('/thread', ofExpress(h.guards, { pool }));
  app.get('/loop', ofExpress(h.guards, { where: 'loop' }));
  app.get('/selects', ofExpress(h.guards, { pool, select: ({ user }) => ({ user }) }));
  app.post('/body', ofExpress(h.lengthOf, { pool }));
  app.use((error, _request, response, _next) => {
    response.status(500).json({ code: error.code, message: error.message });
  });
  scope.after(() => pool.destroy());
  const port = await listen(scope, createServer(app));
  for (const path of ['/thread', '/loop']) {
    const { status, json } = await ask(port, path);
    assert.deepEqual([status, json.code], [500, code]);
    assert.match(json.message, /^request\.user does not cross/);
  }
  assert.deepEqual((await ask(port, '/selects')).json, { denied: true });
  const { json } = await post(port, '/body', { read: 'by nobody' });
  assert.deepEqual(json, { length: 0, kind: 'undefined' }, 'Express has no body without a parser');
});
