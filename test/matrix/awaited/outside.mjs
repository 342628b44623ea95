// What arrives from outside of the thread: sockets, servers, processes, other threads.
import { spawn } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { answer, block, closeAll, listening, next, socketPair } from '../kit.mjs';

const exited = () => next(spawn('true', { stdio: 'ignore' }), 'exit');

export const childExit = {
  title: "child's exit",
  get: () => answer(exited(), 0),
};

export const childBatch = {
  title: "child's exit, same batch",
  prepare: () => ({}),
  before(held) {
    held.older = exited();
  },
  after(held) {
    held.newer = exited();
    block(50);
  },
  get: ({ older, newer }) => answer(Promise.all([older, newer]), [0, 0]),
};

export const listen = {
  title: 'server listens',
  prepare: () => createServer(),
  get: (server) =>
    answer(
      listening(server).then((port) => port > 0),
      true,
    ),
  close: (server) => server.close(),
};

export const serverClose = {
  title: 'server closes',
  async prepare() {
    const server = createServer();
    await listening(server);
    return server;
  },
  get(server) {
    const closed = new Promise((resolve) => server.close(() => resolve('closed')));
    return answer(closed, 'closed');
  },
};

export const socketClose = {
  title: 'socket closes',
  prepare: socketPair,
  get({ client }) {
    const closed = next(client, 'close');
    client.destroy();
    return answer(closed, false);
  },
  close: ({ client, peer }) => closeAll(client, peer),
};

export const socketOther = {
  title: 'data on another socket',
  async prepare() {
    const pair = await socketPair();
    return { ...pair, older: next(pair.peer, 'data').then(String) };
  },
  after: ({ client }) => client.write('older'),
  get({ client, peer, older }) {
    const newer = next(client, 'data').then(String);
    peer.write('newer');
    return answer(Promise.all([older, newer]), ['older', 'newer']);
  },
  close: ({ client, peer }) => closeAll(client, peer),
};

export const socketSame = {
  title: 'data on the same channel',
  needs: 'same',
  get: (_, site) => site.same(),
};

export const fetchSelf = {
  title: 'fetch in the same thread',
  async prepare() {
    const server = createHttpServer((request, response) => {
      response.setHeader('connection', 'close');
      response.end(request.url);
    });
    return { server, port: await listening(server) };
  },
  get: ({ port }) =>
    answer(
      fetch(`http://127.0.0.1:${port}/pong`).then((response) => response.text()),
      '/pong',
    ),
  close({ server }) {
    server.close();
    server.closeAllConnections();
  },
};

// One echoing worker for all cells of a process; it counts as alive only while a cell waits for it.
const echo =
  "const { parentPort: p } = require('node:worker_threads'); p.on('message', (m) => p.postMessage(m))";
let echoing;

export const worker = {
  title: "another worker's message",
  async prepare() {
    if (echoing) return;
    echoing = new Worker(echo, { eval: true });
    const first = next(echoing, 'message');
    echoing.postMessage('first');
    await first;
    echoing.unref();
  },
  get() {
    const arrived = next(echoing, 'message');
    echoing.ref();
    echoing.postMessage('pong');
    return answer(arrived, 'pong');
  },
  close: () => echoing?.unref(),
};

export const workerExit = {
  title: "another worker's exit",
  get: () => answer(next(new Worker('process.exit(3)', { eval: true }), 'exit'), 3),
};
