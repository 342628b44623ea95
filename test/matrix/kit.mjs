// Small parts that sources and awaited things share.
import { connect, createServer } from 'node:net';

/** The duration that the timer source and "timer of the same list" have in common. */
export const SAME_LIST_MS = 7;

/** Long enough to tell a wait from a spin. */
export const IDLE_MS = 250;

export const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
export const immediate = (value) => new Promise((resolve) => setImmediate(resolve, value));
export const tick = (value) => new Promise((resolve) => process.nextTick(resolve, value));
export const next = (emitter, event) =>
  new Promise((resolve) => emitter.once(event, (value) => resolve(value)));
export const answer = (promise, expected) => ({ promise, expected });

/** Keeps the thread from its loop, so that what completes meanwhile arrives as one batch. */
export function block(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

export async function listening(server) {
  const ready = next(server, 'listening');
  server.listen(0, '127.0.0.1');
  await ready;
  return server.address().port;
}

export async function connected(socket, event = 'connect') {
  if (socket.connecting || event !== 'connect') await next(socket, event);
  return socket;
}

/**
 * The part of its time that this thread's idle loop does not rest, 0 to 1: the least of a few tries. Unlike CPU time it
 * does not count V8's helper threads, nor does it shrink when the machine is busy.
 */
export async function busyShare() {
  let least = 1;
  for (let chance = 0; chance < 5 && least > 0.2; chance++) {
    await sleep(10);
    const before = performance.eventLoopUtilization();
    await sleep(60);
    least = Math.min(least, performance.eventLoopUtilization(before).utilization);
  }
  return least;
}

/** Two ends of one TCP connection, both in this thread. */
export async function socketPair() {
  const server = createServer();
  const accepted = next(server, 'connection');
  const port = await listening(server);
  const client = connect(port, '127.0.0.1');
  const [peer] = await Promise.all([accepted, connected(client)]);
  server.close();
  for (const end of [client, peer]) end.on('error', () => {});
  return { client, peer };
}

/** What `same()` gives for a pair: the next piece that arrives at `to`, provoked at `from`. */
export function nextPiece(from, to) {
  const arrived = next(to, 'data').then(String);
  from.write('b');
  return answer(arrived, 'b');
}

/** Reads everything an end sends, and settles once `enough` says so. */
export function collect(socket, enough) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (piece) => {
      text += piece;
      if (enough(text)) resolve(text);
    });
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
  });
}

export function closeAll(...ends) {
  for (const end of ends) end?.destroy?.();
}
