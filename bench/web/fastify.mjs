/** The servers in Node, one of them in this process: node fastify.mjs <contestant>. Says its port, and ends with its input. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { posting } from '../pool/bare.mjs';
import { size, sleepers } from './settings.mjs';

const host = '127.0.0.1';

async function withIsthmus(app, where) {
  const { createPool } = await import('../../dist/index.js');
  const { isthmus } = await import('../../dist/web/fastify.js');
  const { cpu, sleep, add } = await import('./handlers.mjs');
  const { numberAfter } = await import('./running.mjs');
  await app.register(isthmus, { pool: { size }, processes: { size } });
  app.get('/ping', async () => ({ pong: true }));
  app.get('/cpu/:x', { config: { isthmus: where } }, cpu);
  app.get('/sleep/:x', { config: { isthmus: { pool: createPool({ size: sleepers }) } } }, sleep);
  app.get('/add/:x', { config: { isthmus: where } }, add);
  app.get('/run/:x', async ({ params }) => ({ value: numberAfter(params.x) }));
}

/** A route for each function, which `call` runs by its name. */
function routes(app, call) {
  app.get('/ping', async () => ({ pong: true }));
  for (const name of ['cpu', 'sleep', 'add'])
    app.get(`/${name}/:x`, async ({ params }) => ({ value: await call(name, params.x) }));
}

const servers = {
  isthmus: (app) => withIsthmus(app, 'thread'),
  'isthmus, processes': (app) => withIsthmus(app, 'process'),
  async piscina(app) {
    const { Piscina } = await import('piscina');
    const filename = fileURLToPath(new URL('work.mjs', import.meta.url));
    const pool = new Piscina({ filename, minThreads: size, maxThreads: size });
    const sleeping = new Piscina({ filename, minThreads: sleepers, maxThreads: sleepers });
    routes(app, (name, x) => (name === 'sleep' ? sleeping : pool).run(x, { name }));
  },
  async naive(app) {
    const work = await import('./work.mjs');
    routes(app, (name, x) => work[name](x));
  },
  'bare, 1 worker': (app) => withPair(app, posting(1)),
  'bare, 2 workers': (app) => withPair(app, posting(2)),
  'bare, the request': withRequests,
};

/** What is posted is the number alone. */
function withPair(app, pair) {
  app.get('/ping', async () => ({ pong: true }));
  app.get('/add/:x', async ({ params }) => ({ value: await pair.add(Number(params.x), 1) }));
}

/** What is posted is what the handler takes, as isthmus gives it to it. */
function withRequests(app) {
  const pair = posting(1, new URL('bare-worker.mjs', import.meta.url));
  app.get('/ping', async () => ({ pong: true }));
  app.get('/add/:x', ({ id, method, url, ip, params, query, headers }) =>
    pair.ask('add', {
      id,
      method,
      url,
      ip,
      params: { ...params },
      query: { ...query },
      headers: { ...headers },
    }),
  );
}

/** Plain node:http, for run() alone. */
async function plain() {
  const { onCleanBase } = await import('../../dist/web/http.js');
  const { numberAfter } = await import('./running.mjs');
  const server = createServer(
    onCleanBase((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ value: numberAfter(request.url.split('/').at(-1)) }));
    }),
  );
  await new Promise((resolve) => server.listen(0, host, resolve));
  return server;
}

async function framed(contestant) {
  const app = fastify();
  await servers[contestant](app);
  await app.listen({ port: 0, host });
  return app.server;
}

const contestant = process.argv[2];
const server = await (contestant === 'isthmus, node:http' ? plain() : framed(contestant));
console.log(JSON.stringify({ port: server.address().port }));
process.stdin.on('end', () => process.exit()).resume();
