/**
 * One server and one cell: node contender.mjs <contestant> <cell>. The server is a process of its own, and so is who hammers
 * it; the open loop's clients are here. A byte in, one round, its answer as a line of JSON out. When the input ends so does this.
 */
import { writeSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WRONG } from '../pool/cases.mjs';
import { Child } from '../run/child.mjs';
import { alone, cellNamed, python, RUN_CLIENTS, runCase } from './cases.mjs';
import { hammer, hammerChecked } from './hammer.mjs';
import { openLoop } from './pinger.mjs';
import { add, cpu } from './work.mjs';

/** How long each part of a round lasts. */
const seconds = Number(process.env.BENCH_WEB_SECONDS ?? 1);
/** Who asks for /ping in a closed loop. */
const PINGERS = 8;
/** What an open loop sends in a second. */
const RATE = 500;
const PATIENCE = 3000; // ms
/** Until those who hammer do so in full. */
const RISE = 300; // ms
const LIMIT = 15_000; // ms
const [contestant, name] = process.argv.slice(2);
const tell = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

function fail(error) {
  tell({ error: String(error?.message ?? error).split('\n')[0] });
  process.exit(1);
}

function start() {
  const [variant] = Object.entries(python).find(([, title]) => title === contestant) ?? [];
  if (variant === undefined) return new Child(process.execPath, here('fastify.mjs'), [contestant]);
  return new Child(process.env.BENCH_PYTHON, here('server.py'), [variant], {
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
}

const answers = { cpu, add, sleep: (text) => text, run: (text) => Number(text) + 1 };
let asked = 0;

/** Is answered when everything is that was asked before. */
async function check(origin, what) {
  if (what === undefined) return;
  const x = String(++asked);
  const response = await fetch(`${origin}/${what}/${x}`, { signal: AbortSignal.timeout(LIMIT) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${WRONG}: ${response.status} ${text}`);
  if (JSON.parse(text).value !== answers[what](x)) throw new Error(`${WRONG}: /${what}/${x} is ${text}`);
}

/** What becomes of /ping. */
async function pings(origin) {
  const url = `${origin}/ping`;
  const closed = await hammer(url, { clients: PINGERS, seconds });
  const { p50, p99, failed } = await openLoop(url, { rate: RATE, ms: seconds * 1000, patience: PATIENCE });
  return { ping: closed.ns, p50, p99, failed: closed.failed + failed };
}

/** An endpoint by itself, and /ping while it is hammered. */
async function hammered(origin, { endpoint, clients }) {
  const url = `${origin}${endpoint.path}1`;
  const own = await hammer(url, { clients, seconds });
  await check(origin, endpoint.name);
  const meanwhile = hammer(url, { clients, seconds: 2 * seconds + 1 });
  await later(RISE);
  const { failed, ...ping } = await pings(origin);
  const loud = await meanwhile;
  await check(origin, endpoint.name);
  return { own: own.ns, ...ping, failed: own.failed + loud.failed + failed };
}

async function checkedRun(origin) {
  const { ns, ...counts } = await hammerChecked(`${origin}/run/`, { clients: RUN_CLIENTS, seconds });
  return { own: ns, ...counts };
}

/** What warms the server, and what a round is. */
function plan(origin) {
  if (name === runCase.name) return { what: 'run', round: () => checkedRun(origin) };
  if (name === alone.name) return { round: () => pings(origin) };
  const cell = cellNamed(name);
  return { what: cell.endpoint.name, warm: cell, round: () => hammered(origin, cell) };
}

process.on('uncaughtException', fail);
process.stdin.on('end', () => process.exit());
try {
  const server = start();
  const { port } = await server.answer(LIMIT);
  const origin = `http://127.0.0.1:${port}`;
  const { what, warm, round } = plan(origin);
  await check(origin, what);
  if (warm) await hammer(`${origin}${warm.endpoint.path}1`, { clients: warm.clients, seconds: 1 });
  if (what === 'run') await round();
  else await hammer(`${origin}/ping`, { clients: PINGERS, seconds: 1 });
  await check(origin, what);
  tell(0);
  process.stdin.on('data', () => round().then(tell, fail));
} catch (error) {
  fail(error);
}
