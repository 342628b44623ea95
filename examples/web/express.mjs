// node examples/web/express.mjs [port]: handlers that block run in a pool.
import { createServer } from 'node:http';
import express from 'express';
import { createPool, Limiter, run } from 'isthmus';
import { blocking } from 'isthmus/express';
import { health, metrics } from 'isthmus/health';
import { onCleanBase } from 'isthmus/http';
import * as books from './books.mjs';
import * as images from './images.mjs';
import * as pages from './pages.mjs';
import * as work from './work.mjs';

const app = express();
const pool = createPool({ queue: 100 });
const reports = new Limiter(1, { name: 'reports' });
const sources = { pools: { work: pool }, limiters: { reports } };

app.use(
  express.json({ limit: '32mb' }),
  express.raw({ limit: '32mb', type: ['application/octet-stream', 'image/*', 'text/markdown'] }),
);
app.get('/hash/:password', blocking(work.hashPassword, { pool }));
app.post('/passwords', blocking(work.newPassword, { pool }));
app.post('/passwords/check', blocking(work.checkPassword, { pool }));
app.post('/gzip', blocking(work.compress, { pool }));
app.post('/diff', blocking(work.compare, { pool }));
app.post('/thumbnail/:width', blocking(images.thumbnail, { pool }));
app.post('/render', blocking(pages.render, { pool }));
app.get('/authors/:id', blocking(books.author, { pool }));
app.get('/primes/:count', blocking(work.primes, { pool, limiter: reports, timeout: 10_000 }));

// The others stay on the loop. onCleanBase() lets sync code in them call run().
const titleOf = (url) => run(fetch(url).then((response) => response.json()));
app.get('/ping', (_request, response) => response.json({ pong: true }));
app.get('/self', (_request, response) =>
  response.json({ of: titleOf(`http://127.0.0.1:${server.address().port}/ping`) }),
);
app.get('/health', (_request, response) => response.json(health(sources)));
app.get('/metrics', (_request, response) => response.type('text/plain').send(metrics(sources)));

const server = createServer(onCleanBase(app));
server.listen(Number(process.argv[2] ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', async () => {
  server.close();
  await pool.close({ timeout: 10_000 });
  server.closeAllConnections();
});
