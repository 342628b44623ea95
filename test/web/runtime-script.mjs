// One program for every runtime; prints one JSON line for each thing that it tries, as it tries it.
import { createServer } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createPool } from '../../dist/index.js';
import { blocking as onExpress } from '../../dist/web/express.js';
import { isthmus, blocking as onFastify } from '../../dist/web/fastify.js';
import { health } from '../../dist/web/health.js';
import { blocking as onHono } from '../../dist/web/hono.js';
import { onCleanBase } from '../../dist/web/http.js';
import { say } from '../thread/say.mjs';
import * as h from './runtime-handlers.mjs';

/** With ISTHMUS_TEST_WRITTEN handlers are given by their addresses, written out. */
const module = new URL('runtime-handlers.mjs', import.meta.url).href;
const handlers = await import(module);
const given = (name) => (process.env.ISTHMUS_TEST_WRITTEN ? { module, name } : handlers[name]);

const get = async (url, options) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...options });
  const text = await response.text();
  // Of a route that was refused: what a framework says there is its own.
  if (response.status === 404) return [404];
  return [response.status, text.startsWith('{') ? JSON.parse(text) : text];
};
const opened = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
const closed = (server) =>
  new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
  });
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

await say('onCleanBase', async () => {
  const server = createServer(onCleanBase((_request, response) => response.end(JSON.stringify(h.runs()))));
  const base = await opened(server);
  const answers = await Promise.all([1, 2, 3].map(() => get(base)));
  await closed(server);
  return answers;
});

// Fastify -------------------------------------------------------------------------------------------------------------

const words = new Int32Array(new SharedArrayBuffer(16));
const app = fastify({ forceCloseConnections: true });
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
await app.register(isthmus, { auto: true, pool: { size: 2 } });
app.get('/auto/:n', h.where);
app.get('/loop', { config: { isthmus: 'loop' } }, h.runs);
app.get('/async', async () => h.runs());
await say('fastify: blocking is accepted', () => {
  app.get('/where/:n', onFastify(given('where')));
  app.get('/created', onFastify(given('created')));
  app.get('/fails', onFastify(given('fails')));
  app.get('/counts', onFastify(given('counts')));
  app.get('/told', onFastify(given('told'), { select: () => ({ memory: words.buffer }) }));
  app.get('/exits', onFastify(given('exits')));
  app.get('/process/:n', onFastify(given('where'), { where: 'process' }));
  app.post('/bytes', onFastify(given('bytes')));
});
const base = await app.listen({ port: 0, host: '127.0.0.1' });
await say('fastify: a plain handler by itself', () => get(`${base}/auto/1`));
await say('fastify: a handler that stays', () => get(`${base}/loop`));
await say('fastify: an async handler', () => get(`${base}/async`));
await say('fastify: on a thread', () => get(`${base}/where/1`));
await say('fastify: in a process', () => get(`${base}/process/1`));
await say('fastify: a status', () => get(`${base}/created`));
await say('fastify: an error', async () => (await get(`${base}/fails`))[0]);
await say('fastify: a stream', () => get(`${base}/counts`));
await say('fastify: bytes', async () => {
  const headers = { 'content-type': 'application/x-bytes' };
  const [status, text] = await get(`${base}/bytes`, { method: 'POST', headers, body: 'x'.repeat(100_000) });
  return [status, text?.length ?? 0];
});
await say('fastify: a client that leaves', async () => {
  const abort = new AbortController();
  const asked = fetch(`${base}/told`, { signal: abort.signal }).then(({ status }) => status);
  let status;
  asked.then(
    (answered) => {
      status = answered;
    },
    () => {},
  );
  await until(() => words[1] === 1 || status !== undefined);
  if (status !== undefined) return status;
  abort.abort();
  await asked.catch(() => {});
  await until(() => words[2] === 1);
  return 'told';
});
await say('fastify: a worker that dies', async () => [
  (await get(`${base}/exits`))[0],
  (await get(`${base}/where/2`))[0],
]);
await say('fastify: close()', () => app.close());

// Express -------------------------------------------------------------------------------------------------------------

const pool = createPool({ size: 1 });
const routes = express();
await say('express: blocking is accepted', () => {
  routes.get('/where/:n', onExpress(given('where'), { pool }));
  routes.get('/counts', onExpress(given('counts'), { pool }));
});
routes.get('/loop', (_request, response) => response.json(h.runs()));
const onServer = createServer(onCleanBase(routes));
const place = await opened(onServer);
await say('express: on a thread', () => get(`${place}/where/1`));
await say('express: a stream', () => get(`${place}/counts`));
await say('express: a handler that stays', () => get(`${place}/loop`));
await closed(onServer);

// Hono: by the runtime's own server, where it has one -----------------------------------------------------------------

const hono = new Hono();
await say('hono: blocking is accepted', () => {
  hono.post('/standard/:n', onHono(given('standard'), { pool }));
});
const options = { port: 0, hostname: '127.0.0.1' };
let own = { stop: () => {}, fetch: (path, init) => hono.request(path, init) };
if (globalThis.Bun !== undefined) {
  const server = Bun.serve({ ...options, fetch: hono.fetch });
  own = { stop: () => server.stop(true), fetch: (path, init) => fetch(new URL(path, server.url), init) };
} else if (globalThis.Deno !== undefined) {
  const server = Deno.serve({ ...options, onListen: () => {} }, hono.fetch);
  const url = `http://127.0.0.1:${server.addr.port}`;
  own = { stop: () => server.shutdown(), fetch: (path, init) => fetch(new URL(path, url), init) };
}
await say('hono: on a thread', async () => {
  const response = await own.fetch('/standard/1', { method: 'POST', body: 'sent' });
  return [
    response.status,
    response.headers.get('x-path'),
    response.status === 201 && (await response.json()),
  ];
});
await own.stop();

await say('health', async () => {
  const { pools } = health({ pools: { work: pool } });
  return [pools.work.running, pools.work.queued];
});
await pool.destroy();
console.log('end');
