// What clients do to the servers of the adapters, besides what they do to any (test/matrix/hostile/behaviours.mjs).
const get = (path, method = 'GET') => `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const later = (lane, ms, action) =>
  setTimeout(() => {
    if (!lane.socket.destroyed) action();
  }, ms);
const leave = ({ socket }, { below }) => (below(2) === 0 ? socket.destroy() : socket.resetAndDestroy());

/** One request, whose answer is judged by `isRight(status, body, head, id)`. */
function one(lane, path, isRight) {
  const id = lane.expect((status, body, head) => isRight(status, body, head, id));
  lane.onAnswer = () => lane.socket.destroy();
  lane.socket.write(get(path(id)));
}
const says = (what) => (status, body, _head, id) => status === 200 && body === `${what} ${id}`;
const isBusy = (status, head) => status === 503 && /\r\nretry-after: 1(\r|$)/i.test(head);

export const onLoop = (lane) => one(lane, (id) => `/loop/${id}`, says('loop'));
export const patient = (lane) => one(lane, (id) => `/patient/${id}`, says('patient'));

export const failing = (lane) =>
  one(
    lane,
    (id) => `/fails/${id}`,
    (status, body, _head, id) => status === 409 && body.includes(`failed ${id}`),
  );

/** More than a queue takes: each is answered, or told to come back. */
export function overload(lane, { below }) {
  const count = 2 + below(6);
  const isRight = (id) => (status, body, head) =>
    (status === 200 && body === `patient ${id}`) || isBusy(status, head);
  let all = '';
  for (let i = 0; i < count; i++) {
    const id = lane.expect((...answer) => isRight(id)(...answer));
    all += get(`/narrow/${id}`);
  }
  lane.onAnswer = (answered) => answered === count && lane.socket.destroy();
  lane.socket.write(all);
}

export const timedOut = (lane) =>
  one(
    lane,
    (id) => `/timeout/${id}`,
    (status, _body, head) => isBusy(status, head),
  );

/** The worker's death is this request's alone. Not too often: a worker takes its time to start. */
export function killer(lane, dice) {
  if (dice.below(4) > 0) return patient(lane, dice);
  return one(
    lane,
    (id) => `/exits/${id}`,
    (status) => status === 500,
  );
}

/** Leaves work behind that hears nothing, and whose worker is ended for it. */
export function leavesDeaf(lane, dice) {
  if (dice.below(4) > 0) return leavesWork(lane, dice);
  lane.socket.write(get(`/deaf/${lane.newId()}`));
  later(lane, dice.below(40), () => leave(lane, dice));
}

export function leavesWork(lane, dice) {
  lane.socket.write(get(`/left/${lane.newId()}`).repeat(1 + dice.below(3)));
  later(lane, dice.below(30), () => leave(lane, dice));
}

/** Tries to get headers of its own into an answer. */
export function injects(lane, { pick }) {
  const evil = encodeURIComponent(
    pick(['x\r\nset-cookie: evil=1', 'x\n\n<script>', 'x\0y', 'x\r\n\r\nHTTP/1.1 200 OK']),
  );
  one(
    lane,
    (id) => `/header/${id}?name=${evil}`,
    (status, _body, head) => status === 500 && !/evil|script/i.test(head),
  );
}

/** Of a stream: the lines that are whole, and whether it is at its end. A server may say its length, or send it in chunks. */
function read(text) {
  const start = text.indexOf('\r\n\r\n') + 4;
  const [head, rest] = [text.slice(0, start), text.slice(start)];
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  // What is sent has no such line breaks in it: so each second part is the size of a chunk.
  const body = length === undefined ? rest.split('\r\n').filter((_, i) => i % 2 === 1) : [rest];
  const isWhole = length === undefined ? text.endsWith('\r\n0\r\n\r\n') : rest.length >= Number(length);
  return { isWhole: start > 3 && isWhole, lines: body.join('').split('\n').slice(0, -1) };
}

function streams(lane, lines, done) {
  const id = lane.newId();
  let text = '';
  lane.onPiece = (piece) => {
    text += piece;
    done(text, id);
  };
  lane.socket.write(get(`/stream/${id}/${lines}`));
}

function judge(lane, text, id, count) {
  lane.count(Number(text.slice(9, 12)));
  const { lines } = read(text);
  const isRight = lines.every((line, n) => line === `${id} ${n}`) && (count ?? lines.length) === lines.length;
  if (!isRight) lane.wrong({ stream: id, count, seen: lines.length, text: text.slice(0, 300) });
}

export function readsStream(lane, { below }) {
  const count = below(50);
  streams(lane, count, (text, id) => {
    if (!read(text).isWhole) return;
    judge(lane, text, id, count);
    lane.socket.destroy();
  });
}

export function leavesStream(lane, dice) {
  const enough = dice.below(20_000);
  let isOver = false;
  streams(lane, 1_000_000, (text, id) => {
    if (isOver || text.length <= enough) return;
    isOver = true;
    judge(lane, text, id);
    leave(lane, dice);
  });
}

/** Stops reading, so that the server's buffers are full, and leaves. */
export function stallsStream(lane, dice) {
  streams(lane, 1_000_000, () => lane.socket.pause());
  later(lane, 20 + dice.below(60), () => leave(lane, dice));
}

/** HEAD has no body, also of a stream without an end. */
export function head(lane, { pick }) {
  const id = lane.newId();
  let text = '';
  lane.onPiece = (piece) => {
    text += piece;
    if (!text.includes('\r\n\r\n')) return;
    lane.count(Number(text.slice(9, 12)));
    if (!/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/.test(text)) lane.wrong({ head: id, text: text.slice(0, 300) });
    lane.socket.destroy();
  };
  lane.socket.write(get(pick([`/${id}`, `/stream/${id}/1000000`]), 'HEAD'));
}
