// Completions that libuv keeps for the next iteration (uv__run_pending) are taken off in one batch.
import { once } from 'node:events';
import net from 'node:net';
import { calm } from '../kit.mjs';

async function raceThenEach(run, promises) {
  await Promise.race(promises);
  for (const promise of promises) run(promise);
  calm(run);
}

export function refusedConnections(run) {
  const sockets = [1, 2, 3, 4].map((id) => net.connect(`/nowhere/isthmus-${id}`));
  return raceThenEach(
    run,
    sockets.map((socket) => once(socket, 'error')),
  );
}

export async function shutdowns(run) {
  const server = net
    .createServer({ allowHalfOpen: true }, (socket) => socket.resume())
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connect = () => net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true });
  const clients = Array.from({ length: 4 }, connect);
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await raceThenEach(
    run,
    clients.map((client) => new Promise((resolve) => client.end(resolve))),
  );
  for (const client of clients) client.destroy();
  server.close();
}
