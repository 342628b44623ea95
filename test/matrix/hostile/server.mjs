// The server under load: node --expose-gc server.mjs '{"gate":"turn","work":["timer","file","fetch","body"],"batch":64}'
// Its handlers call `run` after `await turn()`, or after a mere await. It says its port, and its account at the end.
import { promises as fs } from 'node:fs';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { busyShare, listening, sleep } from '../kit.mjs';
import { emit } from '../report.mjs';
import { account } from './account.mjs';

const job = JSON.parse(process.argv[2]);
const { run, turn } = createRequire(import.meta.url)(job.module ?? 'isthmus');
if (job.batch) turn.configure({ batch: job.batch });

const waits = new Float32Array(1 << 20);
const codes = {};
const seen = { served: 0, gone: 0, inside: 0, mostInside: 0, outOfOrder: 0 };
const inFlight = new Set();
let arrivals = 0;
let lastAdmitted = 0;
let warm = false;

const works = {
  timer: (id) => sleep(id % (job.timer ?? 20), `timer ${id}`),
  file: (id) => fs.stat('.').then(() => `file ${id}`),
  fetch: (id) => fetch(`http://127.0.0.1:${port}/inner/${id}`).then((response) => response.text()),
};

async function gate(ticket) {
  if (job.gate !== 'turn') return null;
  await turn();
  // First come, first served: whoever is let in came after those let in before.
  if (ticket < lastAdmitted) seen.outOfOrder++;
  lastAdmitted = ticket;
}

function answer(request, id) {
  request.inRun = true;
  seen.inside++;
  seen.mostInside = Math.max(seen.mostInside, seen.inside);
  try {
    if (request.method === 'POST') return `body ${id} ${run(text(request)).length}`;
    return run(works[job.work[id % job.work.length]](id));
  } finally {
    seen.inside--;
  }
}

async function handle(request, response) {
  const id = Number(request.url.split('/').at(-1));
  if (request.url.startsWith('/inner/')) {
    return response.setHeader('connection', 'close').end(`fetch ${id}`);
  }
  const since = performance.now();
  const ticket = ++arrivals;
  inFlight.add(request);
  await null;
  try {
    await gate(ticket);
    response.end(answer(request, id));
    waits[seen.served++ % waits.length] = performance.now() - since;
  } catch (error) {
    fail(error, request, response, id);
  }
  inFlight.delete(request);
}

// A client that went away makes the wait for its body fail: that is its error, not ours.
function fail(error, request, response, id) {
  if (error?.code === 'ECONNRESET' || error?.code === 'ERR_STREAM_PREMATURE_CLOSE' || request.destroyed)
    seen.gone++;
  const code = String(error?.code ?? error);
  const kind = `${request.method} ${code}`;
  if (warm) codes[kind] = (codes[kind] ?? 0) + 1;
  response.statusCode = 503;
  response.end(`${code} ${id}`);
}

process.on('uncaughtException', (error) => emit({ uncaught: String(error?.stack ?? error) }));
process.on('unhandledRejection', (error) => emit({ uncaught: String(error?.stack ?? error) }));

// Read from the start, so that the pipe is part of the baseline.
process.stdin.once('data', finish);

const server = createServer(handle);
server.keepAliveTimeout = 60_000;
const port = await listening(server);

// Everything that is made once is made before the baseline.
for (let id = 0; id < 40; id++) {
  await new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: `/${id}`, agent: false }, (response) =>
      response.on('end', resolve).resume(),
    );
  });
}
await sleep(50);
const before = await account();
Object.assign(seen, { served: 0, gone: 0, mostInside: 0, outOfOrder: 0 });
warm = true;
const cpu = process.cpuUsage();
emit({ port });

async function finish() {
  seen.mended = turn.stats?.().mended ?? 0;
  const until = performance.now() + 10_000;
  while (inFlight.size > 0 && performance.now() < until) await sleep(5);
  const { user, system } = process.cpuUsage(cpu);
  const busyMs = Math.round((user + system) / 1000);
  for (let i = 0; i < 50 && (await connections()) > 0; i++) await sleep(20);
  const open = await connections();
  const after = await account();
  const list = waits.slice(0, Math.min(seen.served, waits.length)).sort();
  const wait = {
    median: list[list.length >> 1],
    p99: list[Math.floor(list.length * 0.99)],
    max: list.at(-1),
  };
  emit({
    account: {
      before,
      after,
      seen,
      codes,
      inFlight: inFlight.size,
      stuck: stuck(),
      open,
      wait,
      busyMs,
      restless: await busyShare(),
    },
  });
  server.close();
  process.stdin.destroy();
}

/** What the handlers that never ended wait for, to be read by a person. */
function stuck() {
  const kinds = {};
  for (const { method, inRun, complete, destroyed, socket } of inFlight) {
    const flags = {
      inRun,
      complete,
      destroyed,
      socketDestroyed: socket.destroyed,
      socketClosed: socket.closed,
    };
    const kind = [method, ...Object.keys(flags).filter((flag) => flags[flag])].join(' ');
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return { kinds, run: run.stats?.(), turn: turn.stats?.() };
}

function connections() {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}
