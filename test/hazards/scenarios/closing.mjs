// Row h: handles that are closed and freed while a frame below still uses them; and 'close' events of one batch. Nothing
// else keeps the loop alive here (see scene.mjs), so that what can only come once the caller returns is told apart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { calm, churn, firstOf, sleep } from '../kit.mjs';

/** Waits for a 'close' that may have to be refused by name; true if it was delivered. */
function delivered(run, event) {
  try {
    run(event);
    return true;
  } catch (error) {
    assert.equal(error.code, 'ERR_ISTHMUS_CANNOT_RUN');
    return false;
  }
}

async function connected(count, onConnection) {
  const server = net.createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connect = () => net.connect(server.address().port, '127.0.0.1').on('error', () => {});
  const clients = Array.from({ length: count }, connect);
  await Promise.all(clients.map((client) => once(client, 'connect')));
  return { server, clients };
}

export async function socketsDestroyedInTheirOwnCallbacks(run) {
  for (let round = 0; round < 4; round++) {
    const { server, clients } = await connected(8, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        socket.destroy();
        churn(run);
      });
      socket.on('close', () => churn(run));
    });
    const closes = clients.map((client) => once(client, 'close'));
    for (const client of clients) {
      client
        .on('data', () => {})
        .on('end', () => {
          client.destroy();
          churn(run);
        });
      client.write('x');
    }
    await Promise.all(closes);
    await new Promise((resolve) => server.close(resolve));
  }
}

// Waiting for each of the others either works or is refused by name: the next of the batch is in a variable of libuv's.
async function closeOthers(run, emitters, close) {
  const events = emitters.map((emitter) => new Promise((resolve) => emitter.on('close', resolve)));
  let which;
  const { first, done } = firstOf(() => {
    const others = events.filter((_, index) => index !== which);
    assert.ok(others.filter((event) => delivered(run, event)).length > 0, 'none of the batch was delivered');
    churn(run);
    calm(run);
  });
  for (const [index, emitter] of emitters.entries()) {
    emitter.prependListener('close', () => {
      which ??= index;
      first();
    });
  }
  emitters.forEach(close);
  await done;
  await Promise.all(events);
}

export async function socketsOfOneBatch(run) {
  const { server, clients } = await connected(5, (socket) => socket.resume().on('error', () => {}));
  await closeOthers(run, clients, (client) => client.destroy());
  server.close();
}

export async function datagramSocketsOfOneBatch(run) {
  const sockets = Array.from({ length: 5 }, () => dgram.createSocket('udp4'));
  for (const socket of sockets) await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  await closeOthers(run, sockets, (socket) => socket.close());
}

export async function childWhosePipeIsBelow(run) {
  const child = spawn('echo', ['text']);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const { first, done } = firstOf(() => {
    delivered(run, closed);
    calm(run);
  });
  child.stdout.once('data', first);
  await done;
  await closed;
}

export async function workersThatEndInTheirOwnCallbacks(run) {
  const source = `require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1000);`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(source, { eval: true });
    await new Promise((resolve) => {
      worker.on('exit', () => churn(run));
      worker.on('message', () => {
        run(worker.terminate());
        churn(run);
        resolve();
      });
    });
  }
}

export async function watchersOfOneFolder(run) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-hazard-'));
  try {
    for (let round = 0; round < 30; round++) {
      const watchers = Array.from({ length: 5 }, () => watch(folder));
      const changed = watchers.map((watcher, index) => {
        const { first, done } = firstOf(() => {
          watchers[(index + 1) % watchers.length].close();
          watcher.close();
          churn(run);
        });
        watcher.on('change', first);
        watcher.on('close', first);
        return done;
      });
      setTimeout(() => writeFileSync(join(folder, `file${round}`), 'x'), 1);
      await Promise.all(changed);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  await sleep(1);
}
