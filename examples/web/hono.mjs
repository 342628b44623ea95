// node examples/web/hono.mjs [port]: standard requests and responses, in a pool.
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createPool, Limiter, run } from 'isthmus';
import { health, metrics } from 'isthmus/health';
import { blocking } from 'isthmus/hono';
import { onCleanBase } from 'isthmus/http';
import * as work from './standard.mjs';

const app = new Hono();
const pool = createPool({ queue: 100 });
const reports = new Limiter(1, { name: 'reports' });
const sources = { pools: { work: pool }, limiters: { reports } };

app.get('/hash/:password', blocking(work.hashPassword, { pool }));
app.post('/passwords', blocking(work.newPassword, { pool }));
app.post('/passwords/check', blocking(work.checkPassword, { pool }));
app.post('/gzip', blocking(work.compress, { pool }));
app.post('/diff', blocking(work.compare, { pool }));
app.post('/thumbnail/:width', blocking(work.thumbnail, { pool }));
app.post('/render', blocking(work.render, { pool }));
app.get('/authors/:id', blocking(work.author, { pool }));
app.get('/primes/:count', blocking(work.primes, { pool, limiter: reports, timeout: 10_000 }));

// The others stay on the loop. onCleanBase() lets sync code in them call run().
const titleOf = (url) => run(fetch(url).then((response) => response.json()));
app.get('/ping', (c) => c.json({ pong: true }));
app.get('/self', (c) => c.json({ of: titleOf(`http://127.0.0.1:${server.address().port}/ping`) }));
app.get('/health', (c) => c.json(health(sources)));
app.get('/metrics', (c) => c.text(metrics(sources)));

const server = createServer(onCleanBase(getRequestListener(app.fetch)));
server.listen(Number(process.argv[2] ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', async () => {
  server.close();
  await pool.close({ timeout: 10_000 });
  server.closeAllConnections();
});
