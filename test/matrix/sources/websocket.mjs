// WebSocket frames, seen from Node's own client and from a server that shook hands by itself.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { answer, closeAll, connected, listening, next } from '../kit.mjs';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const frame = (payload) => Buffer.concat([Buffer.from([0x81, payload.length]), Buffer.from(payload)]);
const nobodyMinds = () => {};

/** An HTTP server that upgrades one connection; gives the port and, later, the server's raw socket. */
async function upgrading() {
  const server = createServer();
  const upgraded = new Promise((resolve) =>
    server.once('upgrade', (request, socket) => {
      const accept = createHash('sha1')
        .update(request.headers['sec-websocket-key'] + GUID)
        .digest('base64');
      socket.on('error', nobodyMinds);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      resolve(socket);
    }),
  );
  return { server, upgraded, port: await listening(server) };
}

export const webSocket = {
  title: "WebSocket 'message'",
  unless: ({ major }) => (major >= 22 ? null : 'Node 20 has no global WebSocket'),
  alive: true,
  has: ['same'],
  async ready() {
    const { server, upgraded, port } = await upgrading();
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    const opened = new Promise((resolve) => client.addEventListener('open', resolve));
    client.addEventListener('error', nobodyMinds);
    const [socket] = await Promise.all([upgraded, opened]);
    return { server, client, socket };
  },
  fire({ client, socket }, call) {
    const message = () =>
      new Promise((resolve) =>
        client.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
    const same = () => {
      const arrived = message();
      socket.write(frame('b'));
      // The client hands its frames on one at a time: the next comes only when this callback has returned.
      return { ...answer(arrived, 'b'), serial: true };
    };
    client.addEventListener('message', () => call({ same }), { once: true });
    socket.write(frame('a'));
  },
  done({ server, socket }) {
    closeAll(socket);
    server.close();
  },
};

export const upgradedSocket = {
  title: 'frame on an upgraded socket',
  alive: true,
  has: ['same'],
  async ready() {
    const { server, upgraded, port } = await upgrading();
    const client = await connected(connect(port, '127.0.0.1'));
    client.on('error', nobodyMinds);
    const greeted = next(client, 'data');
    client.write(
      'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n\r\n',
    );
    const [socket] = await Promise.all([upgraded, greeted]);
    return { server, client, socket };
  },
  fire({ client, socket }, call) {
    const same = () => {
      const arrived = next(socket, 'data').then((data) => String(data.subarray(2)));
      client.write(frame('b'));
      return answer(arrived, 'b');
    };
    socket.once('data', () => call({ same }));
    client.write(frame('a'));
  },
  done({ server, client, socket }) {
    closeAll(client, socket);
    server.close();
  },
};
