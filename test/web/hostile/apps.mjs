// The servers under load, one for each adapter: the same routes, by the same handlers. Each gives a server of node:http that
// does not listen yet, the pools that it has, and how it is closed.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastifyOf from 'fastify';
import { Hono } from 'hono';
import { createPool, run } from 'isthmus';
import { blocking as onExpress } from 'isthmus/express';
import { isthmus, blocking as onFastify } from 'isthmus/fastify';
import { blocking as onHono } from 'isthmus/hono';
import { onCleanBase } from 'isthmus/http';
import * as plain from './handlers.mjs';
import * as standard from './standard.mjs';

/** Idle workers end at once, so that none is there before the load, and none after it. */
const WORKERS = { size: 2, idleTimeout: 200 };
const poolsOf = () => ({
  work: createPool({ ...WORKERS, queue: 1000 }),
  // For what is refused because there is too much of it, and for what dies.
  narrow: createPool({ ...WORKERS, size: 1, queue: 2 }),
  doomed: createPool({ ...WORKERS, queue: 1000 }),
});
const closeAll = async (pools) => {
  await Promise.all(Object.values(pools).map((pool) => pool.close({ timeout: 10_000 })));
};

const routesOf = (h, { work, narrow, doomed }) => [
  ['/:id', h.timer, { pool: work }],
  ['/header/:id', h.header, { pool: work }],
  ['/stream/:id/:lines', h.stream, { pool: work, grace: 50 }],
  ['/fails/:id', h.fails, { pool: work }],
  ['/patient/:id', h.patient, { pool: work }],
  ['/left/:id', h.untilTold, { pool: work, grace: false }],
  ['/narrow/:id', h.patient, { pool: narrow }],
  ['/timeout/:id', h.deaf, { pool: doomed, timeout: 30, grace: 10 }],
  ['/deaf/:id', h.deaf, { pool: doomed, grace: 5 }],
  ['/exits/:id', h.exits, { pool: doomed }],
];

/** What a handler on the loop does: sync code that waits for its own result. */
const onLoop = (id) => run(new Promise((resolve) => setTimeout(resolve, id % 5, `loop ${id}`)));

async function fastify() {
  const pools = poolsOf();
  const app = fastifyOf();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  await app.register(isthmus, { pool: pools.work });
  for (const [path, handler, options] of routesOf(plain, pools)) app.get(path, onFastify(handler, options));
  app.post('/:id', onFastify(plain.posted));
  app.get('/loop/:id', async ({ params }) => onLoop(Number(params.id)));
  app.get('/ping', async () => 'pong');
  await app.ready();
  const close = async () => {
    await app.close();
    await closeAll(pools);
  };
  return { server: app.server, pools, close };
}

const closing = (server, pools) => async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  await closeAll(pools);
};

function onExpressApp() {
  const pools = poolsOf();
  const app = express();
  app.get('/ping', (_request, response) => response.send('pong'));
  app.use(express.raw({ type: () => true }));
  for (const [path, handler, options] of routesOf(plain, pools)) app.get(path, onExpress(handler, options));
  app.post('/:id', onExpress(plain.posted, { pool: pools.work }));
  app.get('/loop/:id', ({ params }, response) => response.send(onLoop(Number(params.id))));
  app.use((error, _request, response, _next) => {
    response.status(error.statusCode ?? error.status ?? 500).send(error.message);
  });
  const server = createServer(onCleanBase(app));
  return { server, pools, close: closing(server, pools) };
}

function hono() {
  const pools = poolsOf();
  const app = new Hono();
  app.get('/ping', (c) => c.text('pong'));
  for (const [path, handler, options] of routesOf(standard, pools)) app.get(path, onHono(handler, options));
  app.post('/:id', onHono(standard.posted, { pool: pools.work }));
  app.get('/loop/:id', (c) => c.text(onLoop(Number(c.req.param('id')))));
  app.onError((error, c) => ('getResponse' in error ? error.getResponse() : c.text(error.message, 500)));
  const server = createServer(onCleanBase(getRequestListener(app.fetch)));
  return { server, pools, close: closing(server, pools) };
}

/** Plain node:http: everything is on the loop, and waits there. */
function http() {
  const listener = (request, response) => {
    const [, first, second] = request.url.split('/');
    const id = Number(second ?? first);
    try {
      if (request.method === 'POST') response.end(`body ${id} ${run(text(request)).length}`);
      else if (first === 'ping') response.end('pong');
      else if (first === 'loop') response.end(onLoop(id));
      else response.end(run(new Promise((resolve) => setTimeout(resolve, id % 20, `timer ${id}`))));
    } catch (error) {
      // A client that went away makes the wait for its body fail.
      response.statusCode = 500;
      response.end(String(error));
    }
  };
  const server = createServer(onCleanBase(listener));
  return { server, pools: {}, close: closing(server, {}) };
}

export const apps = { fastify, express: onExpressApp, hono, http };
