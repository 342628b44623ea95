// HTTP servers and clients. The other end is a raw socket where it can be, so that only one parser is on the stack.
import { createServer, get } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { identity } from '../fixtures/identity.mjs';
import { answer, collect, connected, listening, next } from '../kit.mjs';

const HEAD = 'POST / HTTP/1.1\r\nHost: local\r\nContent-Length: 4\r\nConnection: close\r\n\r\n';

const steps = {
  sync: (call) => call(),
  microtask: async (call) => {
    await null;
    call();
  },
  turn: async (call, turn) => {
    await turn();
    call();
  },
};

// A server and one raw client that sends a request whose body comes in two halves: `same` is the rest of the body. The
// first half comes with the head when `packed`: then Node's parser calls back for it before it returns, and the first
// await of the handler goes on in there.
function request({ secure = false, packed = false, step, arrive = (_request, here) => here() }) {
  return {
    alive: true,
    has: ['same'],
    async ready() {
      const server = secure ? createHttpsServer(identity) : createServer();
      const port = await listening(server);
      const client = secure
        ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
        : connect(port, '127.0.0.1');
      await connected(client, secure ? 'secureConnect' : 'connect');
      client.on('error', () => {});
      return { server, client, reply: collect(client, (all) => all.endsWith('served')) };
    },
    fire(place, call, { turn }) {
      place.rest = () => {
        if (!place.sent) place.client.write(packed ? 'cd' : 'abcd');
        place.sent = true;
      };
      place.server.once('request', (request, response) => {
        let body = '';
        const here = () => {
          const same = () => {
            const whole = new Promise((resolve) => {
              request.on('data', (piece) => {
                body += piece;
              });
              request.on('end', () => resolve(body.slice(-2)));
            });
            place.rest();
            return answer(whole, 'cd');
          };
          call({ same });
          response.end('served');
        };
        arrive(request, () => step(here, turn));
      });
      place.client.write(packed ? `${HEAD}ab` : HEAD);
    },
    async done({ server, client, reply, rest }) {
      rest();
      await reply;
      client.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

const onBody = (request, here) => request.once('data', here);

export const httpRequest = { ...request({ step: steps.sync }), title: "HTTP 'request' listener" };
export const httpRequestAwait = { ...request({ step: steps.microtask }), title: 'HTTP request, then await' };
export const httpRequestTurn = { ...request({ step: steps.turn }), title: 'HTTP request, then await turn()' };
export const httpPackedAwait = {
  ...request({ step: steps.microtask, packed: true }),
  title: 'HTTP request with a body, then await',
};
export const httpPackedTurn = {
  ...request({ step: steps.turn, packed: true }),
  title: 'HTTP request with a body, then await turn()',
};
export const httpBody = {
  ...request({ step: steps.sync, arrive: onBody, packed: true }),
  title: "HTTP body 'data' listener",
};
export const httpBodyAwait = {
  ...request({ step: steps.microtask, arrive: onBody, packed: true }),
  title: 'HTTP body, then await',
};
export const httpsRequest = {
  ...request({ step: steps.sync, secure: true }),
  title: "HTTPS 'request' listener",
};
export const httpsRequestAwait = {
  ...request({ step: steps.microtask, secure: true }),
  title: 'HTTPS request, then await',
};
export const httpsRequestTurn = {
  ...request({ step: steps.turn, secure: true }),
  title: 'HTTPS request, then await turn()',
};

// A server that answers in two halves: `same` is the rest of the answer.
const answering = {
  alive: true,
  has: ['same'],
  async ready() {
    const place = { rest: () => {} };
    place.server = createServer((_request, response) => {
      response.writeHead(200, { connection: 'close' }).write('ab');
      place.rest = () => response.end('cd');
    });
    place.port = await listening(place.server);
    return place;
  },
  done(place) {
    place.rest();
    place.server.close();
    place.server.closeAllConnections();
  },
};
const restOf = (place, body) => () => {
  const whole = body();
  place.rest();
  return answer(whole, 'abcd');
};

export const httpResponse = {
  ...answering,
  title: "HTTP 'response' listener",
  fire(place, call) {
    get({ port: place.port, host: '127.0.0.1', agent: false }, (response) => {
      call({ same: restOf(place, () => text(response)) });
      response.on('error', () => {}).resume();
    }).on('error', () => {});
  },
};

export const fetchResponse = {
  ...answering,
  title: 'after await fetch()',
  async fire(place, call) {
    const response = await fetch(`http://127.0.0.1:${place.port}`);
    call({ same: restOf(place, () => response.text()) });
  },
};

// One request on an HTTP/2 session; both ends are in this thread.
function stream(step) {
  return {
    alive: true,
    async ready() {
      const server = createHttp2Server();
      const port = await listening(server);
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      await next(session, 'remoteSettings');
      return { server, session };
    },
    fire(place, call, { turn }) {
      place.server.once('stream', (arrived) => {
        step(() => {
          call();
          arrived.respond({ ':status': 200 });
          arrived.end('served');
        }, turn);
      });
      place.request = place.session.request({ ':path': '/' });
      place.reply = text(place.request);
    },
    async done({ server, session, reply }) {
      if ((await reply) !== 'served') throw new Error('the HTTP/2 answer is wrong');
      session.destroy();
      server.close();
    },
  };
}

export const http2Stream = { ...stream(steps.sync), title: "HTTP/2 'stream' listener" };
export const http2StreamAwait = { ...stream(steps.microtask), title: 'HTTP/2 stream, then await' };
export const http2StreamTurn = { ...stream(steps.turn), title: 'HTTP/2 stream, then await turn()' };
