// node examples/web/fastify.mjs [port]: plain handlers leave the event loop by themselves.
import fastify from 'fastify';
import { run } from 'isthmus';
import { isthmus } from 'isthmus/fastify';
import * as books from './books.mjs';
import * as images from './images.mjs';
import * as pages from './pages.mjs';
import * as work from './work.mjs';

const app = fastify({ bodyLimit: 2 ** 25 });
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

await app.register(isthmus, { auto: true, strict: true, pool: { queue: 100 }, limiters: { reports: 1 } });

app.get('/hash/:password', work.hashPassword);
app.post('/passwords', work.newPassword);
app.post('/passwords/check', work.checkPassword);
app.post('/gzip', work.compress);
app.post('/diff', work.compare);
app.post('/thumbnail/:width', images.thumbnail);
app.post('/render', pages.render);
app.get('/authors/:id', books.author);
app.get('/primes/:count', { config: { isthmus: { limiter: 'reports', timeout: 10_000 } } }, work.primes);

// Async ones stay on the loop, on a clean base: sync code in them may call run().
const titleOf = (url) => run(fetch(url).then((response) => response.json()));
app.get('/ping', async () => ({ pong: true }));
app.get('/self', async () => ({ of: titleOf(`http://127.0.0.1:${app.server.address().port}/ping`) }));

app.get('/health', async () => app.isthmus.health());
app.get('/metrics', async (_request, reply) =>
  reply.type('text/plain; version=0.0.4').send(app.isthmus.metrics()),
);

console.log(await app.listen({ port: Number(process.argv[2] ?? 3000), host: '127.0.0.1' }));
// Waits for what is on its way, for ten seconds at most.
process.once('SIGTERM', () => app.close());
