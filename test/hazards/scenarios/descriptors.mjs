// A descriptor that is closed inside a nested wait and taken by another handle, while the poll below still goes through
// what it was told of the old one.
import assert from 'node:assert/strict';
import net from 'node:net';
import { block, firstOf, sleep } from '../kit.mjs';

async function connections() {
  const server = net.createServer({ allowHalfOpen: true });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const pair = async () => {
    const accepted = new Promise((resolve) => server.once('connection', resolve));
    const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const sockets = [client, await accepted];
    if (client.connecting) await new Promise((resolve) => client.once('connect', resolve));
    for (const socket of sockets) socket.on('error', () => {});
    return sockets;
  };
  return { server, pair };
}

const descriptor = ({ _handle }) => _handle?.fd;

/** Pairs until one of their sockets has the descriptor `fd`: that socket and its other end. */
async function takes(fd, pair) {
  for (let i = 0; i < 20; i++) {
    const [client, served] = await pair();
    if (descriptor(served) === fd) return [served, client];
    if (descriptor(client) === fd) return [client, served];
  }
  throw new Error(`descriptor ${fd} was not used again`);
}

/** The new socket has unread data when the poll below comes to the old one's hang-up: that was taken for its own end. */
export async function noFalseEnd(run) {
  const { server, pair } = await connections();
  const [teller, told] = await pair();
  const [gone, old] = await pair();
  let ended = false;
  let heir;
  const { first, done } = firstOf(() => {
    const fd = descriptor(old);
    run(
      (async () => {
        old.resume();
        await new Promise((resolve) => old.once('close', resolve));
        const [socket, other] = await takes(fd, pair);
        heir = { socket, other };
        socket.once('end', () => {
          ended = true;
        });
        other.write('some');
        await new Promise((resolve) => socket.once('data', resolve));
        socket.resume();
        other.write('more');
      })(),
    );
  });
  told.once('data', first);
  // Both are told of by the same poll, this one first.
  teller.write('x');
  gone.resetAndDestroy();
  block(20);
  await done;
  await sleep(50);
  assert.equal(ended, false, 'the new socket got the end of the old one');
  heir.other.end();
  await new Promise((resolve) => (ended ? resolve() : heir.socket.once('end', resolve)));
  server.close();
}
