// The page: its files, what it shows (as server-sent events), and what its buttons do. It runs beside the server under
// load, so that it can show a loop that is blocked.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import fastify from 'fastify';
import { PORT } from './options.mjs';
import { clients, jobs, ways } from './ways.mjs';

const files = {
  '/': ['index.html', 'text/html'],
  '/page.css': ['page.css', 'text/css'],
  '/page.js': ['page.js', 'text/javascript'],
  '/orders.js': ['orders.js', 'text/javascript'],
  '/opening.js': ['opening.js', 'text/javascript'],
  '/plot.js': ['plot.js', 'text/javascript'],
  '/format.js': ['format.js', 'text/javascript'],
};

const job = { type: 'string', enum: Object.keys(jobs) };
const count = { type: 'integer', minimum: clients.least, maximum: clients.most };

const bodyOf = (properties) => ({
  schema: {
    body: { type: 'object', required: Object.keys(properties), additionalProperties: false, properties },
  },
});

/** Nothing of the page is from elsewhere, and the browser is told so. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:";

function addFiles(app) {
  for (const [path, [name, type]] of Object.entries(files)) {
    const text = readFileSync(new URL(`page/${name}`, import.meta.url));
    app.get(path, async (_request, reply) =>
      reply
        .headers({
          'content-type': `${type}; charset=utf-8`,
          'content-security-policy': policy,
          'cache-control': 'no-store',
        })
        .send(text),
    );
  }
}

/** What does not change. */
function aboutOf(service, names) {
  const { how, why } = service.pump;
  return {
    ways: ways.map((way) => ({ ...way, why: names.includes(way.name) ? undefined : why })),
    jobs: Object.entries(jobs).map(([name, { title, ask }]) => ({ name, title, ask })),
    address: service.address,
    node: process.versions.node,
    processors: availableParallelism(),
    pump: how,
  };
}

/** The ways that there are on this machine. */
export const waysOf = ({ pump }) =>
  ways.filter(({ needsPump }) => !needsPump || pump.how !== 'none').map(({ name }) => name);

/**
 * `ms`: for each way, where all are tried one after another; `port`: what was asked for, if any. Only where it listens on that one
 * will it be at the same address the next time.
 */
export function frontOf(service, watch, { ms, port = PORT }) {
  const app = fastify({ forceCloseConnections: true });
  const names = waysOf(service);
  const about = aboutOf(service, names);
  addFiles(app);

  app.get('/events', (_request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (event, data) => raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    const isKept = app.server.address().port === port;
    send('about', { ...about, ms, isKept, samples: watch.samples });
    // A reader that is slow misses samples; they are not kept for it.
    const onSample = (now) => raw.writableNeedDrain || send('now', now);
    watch.on('sample', onSample);
    raw.once('close', () => watch.off('sample', onSample));
  });

  // Each answers at once, with the number of the order: what comes of it is seen in the samples.
  const take = (reply) => reply.code(202).send({ order: watch.order });
  const way = { type: 'string', enum: names };
  app.put('/load', bodyOf({ way, job, clients: count }), async ({ body }, reply) => {
    watch.begin(body);
    return take(reply);
  });
  app.delete('/load', async (_request, reply) => {
    watch.end();
    return take(reply);
  });
  app.put('/tour', bodyOf({ job, clients: count }), async ({ body }, reply) => {
    watch.tour({ names, ms, ...body });
    return take(reply);
  });
  return app;
}
