// What the tests of this room share: servers on loopback, and clients that do as they are told.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fastify from 'fastify';
import { isthmus } from 'isthmus/fastify';
import { until, words } from '../offload/kit.mjs';

export { until, words };

export const limit = { timeout: 60_000 };

/** A Fastify server with the plugin, built by `build`; closed after the test. */
export async function serve(scope, build, plugin = { pool: { size: 2 } }, options = {}) {
  const app = fastify({ forceCloseConnections: true, ...options });
  scope.after(() => app.close());
  await app.register(isthmus, plugin);
  await build(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.port = app.server.address().port;
  return app;
}

/** One request on a connection of its own; resolves with { status, headers, body, text, json }. */
export function ask(port, path, { method = 'GET', headers = {}, body, signal } = {}) {
  return new Promise((resolve, reject) => {
    const options = { port, path, method, headers, signal, agent: false, host: '127.0.0.1' };
    const request = httpRequest(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const all = Buffer.concat(chunks);
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: all,
          text: all.toString(),
          get json() {
            return JSON.parse(all);
          },
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

export const post = (port, path, data, headers = {}) =>
  ask(port, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(data),
  });

/** A socket that says what it is given, and nothing else; `said` is what came back so far. */
export async function dial(port) {
  const socket = connect(port, '127.0.0.1');
  const client = { socket, said: '' };
  socket.setEncoding('latin1').on('data', (text) => {
    client.said += text;
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return client;
}

export const closed = (socket) =>
  socket.destroyed ? undefined : new Promise((resolve) => socket.once('close', resolve));

/** What is sent goes on until the buffers on the way are full; then `count` stands still. */
export async function stands(count) {
  let before;
  do {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 200));
  } while (count() !== before);
}

/** A server of node:http that listens, until the test ends; its port. */
export async function listen(scope, server) {
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

/** Closes a server and its pool, of 2 workers and 2 that wait: what was begun is answered, and what comes later is refused. */
export async function closesUnderLoad({ port, server, pool }, shared) {
  const answers = Array.from({ length: 4 }, (_, id) => ask(port, `/${id}`));
  await until(() => shared.read(1) === 2 && pool.stats().queued === 2);
  const closing = new Promise((resolve) => server.close(resolve));
  const drained = pool.close({ timeout: 30_000 });
  await assert.rejects(ask(port, '/late'), { code: 'ECONNREFUSED' });
  shared.set(0);
  const ids = (await Promise.all(answers)).map(({ status, json }) => [status, json.id]);
  assert.deepEqual(
    ids,
    [0, 1, 2, 3].map((id) => [200, String(id)]),
  );
  await Promise.all([closing, drained]);
  assert.equal(pool.stats().workers.length, 0);
}

/** What the process has warned of while `work` ran. */
export async function warningsDuring(work) {
  const warnings = [];
  const listen = ({ name, message }) => name === 'IsthmusWarning' && warnings.push(message);
  process.on('warning', listen);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', listen);
  }
  return warnings;
}
