// Ten thousand requests of which many are cut off at random: each answer belongs to its request, and nothing is left behind.
import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { run, turn } from 'isthmus';
import { blocking, isthmus } from 'isthmus/fastify';
import { finish } from '../examples/child.mjs';
import * as h from './handlers.mjs';
import { ask, dial, limit, until } from './kit.mjs';

const REQUESTS = 10_000;
const CLIENTS = 64;

/** Numbers that look random and are the same each time. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

test('each answer belongs to its request, and nothing leaks', { timeout: 240_000 }, async (scope) => {
  const app = fastify({ bodyLimit: 2 ** 24 });
  await app.register(isthmus, { auto: true, pool: { size: 2 } });
  scope.after(() => app.close());
  const runs = async ({ params }) => ({
    id: params.id,
    value: run(new Promise((done) => setImmediate(done, 'ran'))),
  });
  app.get('/echo/:id', h.echo);
  app.get('/later/:id', blocking(h.later));
  app.get('/spin/:id', h.spinFor);
  app.get('/runs/:id', runs);
  app.get('/count/:n', h.countTo);
  app.post('/body/:id', h.echo);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address();
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  scope.after(() => agent.destroy());

  const kinds = {
    echo: [(id) => `/echo/${id}?x=${id}`, (id, { params, query }) => params.id === id && query.x === id],
    later: [(id) => `/later/${id}`, (id, { later }) => later.id === id],
    spin: [(id) => `/spin/${id}?ms=0&x=${id}`, (id, { x }) => x === id],
    runs: [(id) => `/runs/${id}`, (id, { id: same, value }) => same === id && value === 'ran'],
    body: [
      (id) => `/body/${id}`,
      (id, { params, body }) => params.id === id && body.text.startsWith(`${id} `),
    ],
  };
  const names = Object.keys(kinds);
  const next = random(7);
  let sent = 0;
  let answered = 0;
  let cut = 0;

  /** One request; `after` is how it is cut off: by a number of ms, or by what it has got. */
  function once(id) {
    const name = names[next(names.length)];
    const [path, isIts] = kinds[name];
    const isCut = next(4) === 0;
    const when = next(6);
    return new Promise((resolve, reject) => {
      const options = {
        port,
        host: '127.0.0.1',
        agent,
        path: path(id),
        method: name === 'body' ? 'POST' : 'GET',
      };
      const request = httpRequest(options, (response) => {
        const chunks = [];
        if (isCut && when === 0) request.destroy();
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', () => resolve('cut'));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          try {
            assert.equal(response.statusCode, 200, text);
            assert.ok(isIts(id, JSON.parse(text)), `${name} ${id} got ${text.slice(0, 200)}`);
            resolve('answered');
          } catch (error) {
            reject(error);
          }
        });
      });
      request.on('error', (error) => (isCut || error.code === 'ECONNRESET' ? resolve('cut') : reject(error)));
      if (name === 'body') {
        request.setHeader('content-type', 'application/json');
        const text = JSON.stringify({ text: `${id} ${'x'.repeat(next(20_000))}` });
        if (isCut && when === 1) request.write(text.slice(0, 50), () => request.destroy());
        else request.end(text);
      } else request.end();
      if (isCut && when > 1) setTimeout(() => request.destroy(), when - 2);
    });
  }

  async function client() {
    while (sent < REQUESTS) {
      const how = await once(String(sent++));
      if (how === 'cut') cut++;
      else answered++;
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client));
  assert.equal(answered + cut, sent);
  assert.ok(answered > REQUESTS / 2, `${answered} answered, ${cut} cut`);

  // Sockets that are cut in mid-request, that say nonsense, and that leave a stream.
  for (let i = 0; i < 200; i++) {
    const { socket } = await dial(port);
    const texts = [
      'GET /echo/1 HTTP/1.1\r\nhost: x\r\n',
      'GET /echo/1 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(5),
      'POST /body/1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"te',
      'POST /body/1 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      'GET /count/100000 HTTP/1.1\r\nhost: x\r\n\r\n',
      '\x00\xff\x16\x03\x01',
    ];
    socket.write(texts[i % texts.length], () => (next(2) ? socket.resetAndDestroy() : socket.destroy()));
  }

  agent.destroy();
  const pool = () => app.isthmus.health().pools.thread;
  await until(() => pool().running === 0 && pool().queued === 0 && turn.stats().waiting === 0);
  const last = await ask(port, '/echo/last');
  assert.equal(last.json.params.id, 'last');
  const connections = () => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)));
  while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual([pool().running, pool().queued, pool().abandoned], [0, 0, 0]);
  scope.diagnostic(`${answered} answered, ${cut} cut, ${pool().completed} tasks, ${pool().failed} given up`);
});

test('the objects of requests are collected', limit, async () => {
  const file = fileURLToPath(new URL('collected.mjs', import.meta.url));
  const { code, out, err } = await finish(process.execPath, ['--expose-gc', file]);
  assert.equal(code, 0, err);
  const { made, kept } = JSON.parse(out);
  assert.ok(made === 60 && kept <= 3, out);
});
