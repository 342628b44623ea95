// Streams, datagrams and TLS.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { identity } from '../fixtures/identity.mjs';
import { answer, closeAll, connected, listening, next, nextPiece, socketPair } from '../kit.mjs';

const pair = {
  alive: true,
  ready: socketPair,
  done: ({ client, peer }) => closeAll(client, peer),
};

export const tcpData = {
  ...pair,
  title: "TCP 'data'",
  has: ['same'],
  fire({ client, peer }, call) {
    peer.once('data', () => call({ same: () => nextPiece(client, peer) }));
    client.write('a');
  },
};

export const tcpDataMicrotask = {
  ...pair,
  title: "TCP 'data', then await",
  has: ['same'],
  fire({ client, peer }, call) {
    peer.once('data', async () => {
      await null;
      call({ same: () => nextPiece(client, peer) });
    });
    client.write('a');
  },
};

export const tcpIterator = {
  ...pair,
  title: 'TCP, for await of the socket',
  async fire({ client, peer }, call) {
    client.write('a');
    for await (const _ of peer) {
      call();
      break;
    }
  },
};

export const tcpEnd = {
  ...pair,
  title: "TCP 'end'",
  fire({ client, peer }, call) {
    peer.once('end', () => call()).resume();
    client.end();
  },
};

export const tcpWritten = {
  ...pair,
  title: 'TCP write callback',
  fire({ client, peer }, call) {
    peer.resume();
    client.write(Buffer.alloc(8 << 20), () => call());
  },
};

export const tcpConnection = {
  title: "TCP server's 'connection'",
  alive: true,
  async ready() {
    const server = createServer();
    return { server, port: await listening(server) };
  },
  fire(place, call) {
    place.server.once('connection', (peer) => {
      place.peer = peer.on('error', () => {});
      call();
    });
    place.client = connect(place.port, '127.0.0.1').on('error', () => {});
  },
  done({ server, client, peer }) {
    closeAll(client, peer);
    server.close();
  },
};

export const tcpConnect = {
  title: "TCP client's 'connect'",
  alive: true,
  ready: tcpConnection.ready,
  fire(place, call) {
    place.server.once('connection', (peer) => {
      place.peer = peer.on('error', () => {});
    });
    place.client = connect(place.port, '127.0.0.1', () => call()).on('error', () => {});
  },
  done: tcpConnection.done,
};

export const socketClose = {
  title: "socket 'close'",
  ready: socketPair,
  fire({ client, peer }, call) {
    peer.resume();
    client.once('close', () => call());
    peer.once('close', () => {});
    client.destroy();
  },
  done: ({ peer }) => closeAll(peer),
};

export const udpMessage = {
  title: 'UDP message',
  alive: true,
  has: ['same'],
  async ready() {
    const [from, to] = [createSocket('udp4'), createSocket('udp4')];
    to.bind(0, '127.0.0.1');
    await next(to, 'listening');
    return { from, to };
  },
  fire({ from, to }, call) {
    const { port } = to.address();
    const same = () => {
      const arrived = next(to, 'message').then(String);
      from.send('b', port, '127.0.0.1');
      return answer(arrived, 'b');
    };
    to.once('message', () => call({ same }));
    from.send('a', port, '127.0.0.1');
  },
  done({ from, to }) {
    from.close();
    to.close();
  },
};

const tlsPair = {
  alive: true,
  async ready() {
    const server = createTlsServer(identity);
    const accepted = next(server, 'secureConnection');
    const port = await listening(server);
    const client = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const [peer] = await Promise.all([accepted, connected(client, 'secureConnect')]);
    server.close();
    for (const end of [client, peer]) end.on('error', () => {});
    return { client, peer };
  },
  done: ({ client, peer }) => closeAll(client, peer),
};

const tlsData = (before) => ({
  ...tlsPair,
  has: ['same'],
  fire({ client, peer }, call, { turn }) {
    const here = () => call({ same: () => nextPiece(client, peer) });
    peer.once('data', () => before(here, turn));
    client.write('a');
  },
});

export const tlsDataSync = { ...tlsData((call) => call()), title: "TLS 'data'" };

export const tlsDataMicrotask = {
  ...tlsData(async (call) => {
    await null;
    call();
  }),
  title: "TLS 'data', then await",
};

export const tlsDataTurn = {
  ...tlsData(async (call, turn) => {
    await turn();
    call();
  }),
  title: "TLS 'data', then await turn()",
};
