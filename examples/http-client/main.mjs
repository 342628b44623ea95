// node examples/http-client/main.mjs: one async client, three times: awaited, by its sync face on this thread, and by its
// sync face on the service thread.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { syncFace } from 'isthmus';
import { Client } from './client.mjs';
import { report, reportAsync } from './report.mjs';

/** A service that nobody has asked before. */
async function serve() {
  const server = new Worker(new URL('server.mjs', import.meta.url));
  const [url] = await once(server, 'message');
  return { url, [Symbol.asyncDispose]: () => server.terminate() };
}

const ways = {
  awaited: (url) => reportAsync(new Client(url)),
  'syncFace(client)': (url) => report(syncFace(new Client(url))),
  'syncFace.inThread(Client)': (url) => report(syncFace.inThread(Client, url)),
};
for (const [name, make] of Object.entries(ways)) {
  const service = await serve();
  const began = performance.now();
  const lines = await make(service.url);
  console.log(JSON.stringify({ name, ms: Math.round(performance.now() - began), lines }));
  await service[Symbol.asyncDispose]();
}
