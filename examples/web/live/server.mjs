// node examples/web/live/server.mjs [port]: the server that is put under load. `npm start` runs it in a process of its own,
// so that the page, the clients and whoever asks /ping are outside its event loop.
import fastify from 'fastify';
import { canRun } from 'isthmus';
import { longestDelay, watchDelay } from './delay.mjs';
import { addNaive, addOthers } from './endpoints.mjs';
import { followPaths } from './paths.mjs';

const app = fastify();
let poolsOf;

followPaths(app);
watchDelay();
app.get('/ping', async () => ({ pong: true }));
app.get('/health', async () => ({
  loop: { longestMs: longestDelay() },
  pools: poolsOf(),
}));
addNaive(app);
app.register(async (scope) => {
  poolsOf = await addOthers(scope);
});

const address = await app.listen({ port: Number(process.argv[2] ?? 3001), host: '127.0.0.1' });
const close = () => app.close();
process.once('SIGTERM', close);
if (process.send === undefined) {
  console.log(address);
  process.once('SIGINT', close);
} else {
  // Ctrl+C reaches every process of a terminal; the one that has started this one decides what comes of it.
  process.on('SIGINT', () => {});
  process.once('disconnect', close);
  // It may have gone before this one was ready.
  if (process.connected) process.send({ address, pump: canRun() });
  else close();
}
