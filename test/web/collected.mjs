// Answers many requests on one connection, and prints how many of their objects are still there: needs --expose-gc.
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as later } from 'node:timers/promises';
import fastify from 'fastify';
import { blocking, isthmus } from 'isthmus/fastify';
import * as h from './handlers.mjs';

const app = fastify();
await app.register(isthmus, { pool: { size: 1 } });
const requests = [];
app.addHook('onRequest', async (request) => {
  requests.push(new WeakRef(request));
});
app.get('/echo/:id', blocking(h.echo));
app.get('/fail/:kind', blocking(h.fail));
app.get('/count/:n', blocking(h.countTo));
app.get('/runs', h.runs);
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const one = (path) =>
  new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, agent };
    httpRequest(options, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end();
  });
const paths = ['/echo/1', '/fail/plain', '/count/3', '/runs'];
// The connection stays: it must not keep what has been answered.
for (let i = 0; i < 60; i++) await one(paths[i % paths.length]);
let kept = requests.length;
for (let i = 0; i < 100 && kept > 3; i++) {
  // What was looked at stays until the end of the turn.
  await later(10);
  globalThis.gc();
  kept = requests.filter((each) => each.deref() !== undefined).length;
}
console.log(JSON.stringify({ made: requests.length, kept }));
agent.destroy();
await app.close();
