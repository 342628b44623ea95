// How the clients of the hostile load behave. Each gets a connected raw socket and a generator, and says what it sent:
// `expect(id)` for each request whose answer must be right if it comes.
const GET = (id) => `GET /${id} HTTP/1.1\r\nHost: a\r\n\r\n`;
const POST = (id, length) => `POST /${id} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
const filler = Buffer.alloc(100_000, 'x').toString();

const later = (lane, ms, action) =>
  setTimeout(() => {
    if (!lane.socket.destroyed) action();
  }, ms);

function ask(lane, count) {
  let all = '';
  for (let i = 0; i < count; i++) all += GET(lane.expectGet());
  return all;
}

/** One request after another on one connection. */
export function polite(lane, { below }) {
  let left = 1 + below(5);
  const more = () => {
    if (left-- === 0) return lane.socket.destroy();
    lane.socket.write(ask(lane, 1));
  };
  lane.onAnswer = more;
  more();
}

export function pipeline(lane, { below }) {
  const count = 2 + below(7);
  lane.onAnswer = (answered) => answered === count && lane.socket.destroy();
  lane.socket.write(ask(lane, count));
}

/** The same in pieces that cut requests anywhere. */
export function pieces(lane, { below }) {
  const count = 2 + below(4);
  const all = ask(lane, count);
  lane.onAnswer = (answered) => answered === count && lane.socket.destroy();
  let at = 0;
  const more = () => {
    const next = at + 1 + below(60);
    lane.socket.write(all.slice(at, next));
    at = next;
    if (at < all.length) later(lane, below(4), more);
  };
  more();
}

export function halfClose(lane, { below }) {
  lane.socket.end(ask(lane, 1 + below(5)));
}

export function garbage(lane, { below, fraction }) {
  const bytes = Buffer.from(Array.from({ length: 1 + below(300) }, () => below(256)));
  lane.mayRefuse = true;
  lane.socket.write(fraction() < 0.5 ? Buffer.concat([Buffer.from(ask(lane, 1 + below(3))), bytes]) : bytes);
  later(lane, 5 + below(40), () => lane.socket.destroy());
}

export function brokenHead(lane, { pick }) {
  lane.mayRefuse = true;
  const bad = [
    'GET / HTTP/9.9\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    `GET /${filler.slice(0, 20_000)}`,
  ];
  lane.socket.write(ask(lane, 1) + pick(bad));
  later(lane, 30, () => lane.socket.destroy());
}

/** A body that arrives slowly, and whole. */
export function slowBody(lane, { below }) {
  const step = 1000 + below(8000);
  const id = lane.expectPost(step * 5);
  lane.onAnswer = () => lane.socket.destroy();
  lane.socket.write(POST(id, step * 5));
  for (let i = 0; i < 5; i++) later(lane, i * (1 + below(5)), () => lane.socket.write(filler.slice(0, step)));
}

export function packedBody(lane, { below }) {
  const length = below(50_000);
  lane.onAnswer = () => lane.socket.destroy();
  lane.socket.write(POST(lane.expectPost(length), length) + filler.slice(0, length));
}

export function chunkedBody(lane, { below }) {
  const count = 1 + below(6);
  const id = lane.expectPost(count * 256);
  lane.onAnswer = () => lane.socket.destroy();
  lane.socket.write(`POST /${id} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
  lane.socket.write(`100\r\n${filler.slice(0, 256)}\r\n`.repeat(count));
  later(lane, below(10), () => lane.socket.write('0\r\n\r\n'));
}

/** Stops in the middle of a body, and goes. */
export function midBody(lane, { below, fraction }) {
  const sent = below(30_000);
  lane.socket.write(POST(lane.expectPost(50_000), 50_000) + filler.slice(0, sent));
  later(lane, below(30), () => (fraction() < 0.5 ? lane.socket.destroy() : lane.socket.resetAndDestroy()));
}

export function disconnect(lane, { below }) {
  lane.socket.write(ask(lane, 1 + below(3)));
  later(lane, below(15), () => lane.socket.destroy());
}

export function reset(lane, { below }) {
  lane.socket.write(ask(lane, 1 + below(3)));
  if (below(3) === 0) lane.socket.resetAndDestroy();
  else later(lane, below(15), () => lane.socket.resetAndDestroy());
}

export function silent(lane, { below }) {
  later(lane, below(20), () => lane.socket.destroy());
}
