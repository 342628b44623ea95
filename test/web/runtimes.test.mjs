// The adapters under Node, Bun and Deno. Where a runtime differs, the difference is written down here.
import { fileURLToPath } from 'node:url';
import { onRuntimes } from '../thread/on-runtimes.mjs';

/** Handlers on the loop: what sync code gets there that calls run(). */
const ran = [200, { base: 'turn', value: 'ran' }];
const refused = [200, { base: 'unknown', code: 'ERR_ISTHMUS_CANNOT_RUN' }];
const on = (more, isHere = false) => ({ value: [200, { isHere, params: { n: '1' }, ...more }] });
const fine = {};

const expected = {
  onCleanBase: { value: [ran, ran, ran] },
  'fastify: blocking is accepted': fine,
  'fastify: a plain handler by itself': on({ id: 'req-1' }),
  'fastify: a handler that stays': { value: ran },
  'fastify: an async handler': { value: ran },
  'fastify: on a thread': on({ id: 'req-4' }),
  // A process has a main thread of its own.
  'fastify: in a process': on({ id: 'req-5' }, true),
  'fastify: a status': { value: [201, { made: true }] },
  'fastify: an error': { value: 418 },
  'fastify: a stream': { value: [200, '1\n2\n3\n'] },
  'fastify: bytes': { value: [200, 100_000] },
  'fastify: a client that leaves': { value: 'told' },
  'fastify: a worker that dies': { value: [500, 200] },
  'fastify: close()': fine,
  'express: blocking is accepted': fine,
  'express: on a thread': on({ id: '' }),
  'express: a stream': { value: [200, '1\n2\n3\n'] },
  'express: a handler that stays': { value: ran },
  'hono: blocking is accepted': fine,
  'hono: on a thread': { value: [201, '/standard/1', { isHere: false, body: 'sent', params: { n: '1' } }] },
  health: { value: [0, 0] },
};

/** There is no pump: such a handler is entered, and run() refuses what it would have to wait for. */
const withoutPump = {
  onCleanBase: { value: [refused, refused, refused] },
  'fastify: a handler that stays': { value: refused },
  'fastify: an async handler': { value: refused },
  'express: a handler that stays': { value: refused },
};
/** Deno has no inspector and lists no ES modules, so nobody can say where a function comes from: it stays on the loop. */
const stays = { 'fastify: a plain handler by itself': on({}, true) };

const refusal = { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' };
const nowhere = { value: [404] };
/** And blocking() refuses it when the route is made, unless its address is written out. */
const refusedByDeno = {
  'fastify: blocking is accepted': refusal,
  'fastify: on a thread': nowhere,
  'fastify: in a process': nowhere,
  'fastify: a status': nowhere,
  'fastify: an error': { value: 404 },
  'fastify: a stream': nowhere,
  'fastify: bytes': { value: [404, 0] },
  'fastify: a client that leaves': { value: 404 },
  'fastify: a worker that dies': { value: [404, 404] },
  'express: blocking is accepted': refusal,
  'express: on a thread': nowhere,
  'express: a stream': nowhere,
  'hono: blocking is accepted': refusal,
  'hono: on a thread': { value: [404, null, false] },
};

const file = fileURLToPath(new URL('runtime-script.mjs', import.meta.url));
const written = { ISTHMUS_TEST_WRITTEN: 'written out' };
// It finds the frameworks by the package.json beside them.
const args = { Deno: ['run', '--allow-all', '--no-lock'] };

onRuntimes(
  file,
  expected,
  { Bun: withoutPump, Deno: { ...withoutPump, ...stays, ...refusedByDeno } },
  {},
  args,
);
onRuntimes(file, expected, { Bun: withoutPump, Deno: { ...withoutPump, ...stays } }, written, args);
