// What the tests of Hono run in workers, as handlers.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { HTTPException } from 'hono/http-exception';
import { checkCancelled } from 'isthmus';
import { requestId, respond } from 'isthmus/hono';
import * as plain from './handlers.mjs';

export const echo = async (request, context) => {
  const { params, id } = context;
  const { pathname, search } = new URL(request.url);
  return Response.json({
    threadId,
    method: request.method,
    path: pathname + search,
    name: request.headers.get('x-name') ?? undefined,
    body: await request.text(),
    params,
    id,
    store: requestId.getStore(),
    user: 'user' in context ? context.user : undefined,
  });
};
/** A guard, as it is written on the loop. */
export const guards = (_request, { user }) => (user?.admin === false ? { denied: true } : { secret: 42 });
export const bytes = async (request) =>
  new Response(await request.arrayBuffer(), {
    status: 201,
    headers: { 'content-type': 'application/x-same' },
  });
export const cookies = () => {
  const headers = new Headers([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
  return new Response(null, { status: 204, headers });
};
/** What says of itself something that is not so. */
export const wrongLength = () => respond({ headers: { 'Content-Length': 2 }, body: 'four' });
export const bodyOf204 = () => respond({ status: 204, body: 'none' });
/** An answer of somebody else's, which fetch() has decoded. */
export const proxy = (request) => fetch(new URL(request.url).searchParams.get('of'));
export const redirect = () => Response.redirect('http://x/y');
export const header = (request) => {
  const name = new URL(request.url).searchParams.get('name');
  return respond({ headers: { 'x-name': name }, body: 'ok' });
};

export const expected = {
  response: [200, /^text\/plain/, 'äöü'],
  bare: [200, undefined, 'bare'],
  json: [202, /^application\/json/, '{"a":1}'],
  empty: [204, undefined, ''],
  object: [200, /^application\/json/, '{"b":2}'],
  text: [200, /^text\/plain/, 'text'],
  bytes: [200, /octet-stream/, '\x01\x02'],
  created: [201, /^application\/json/, '{"id":1}'],
  nothing: [204, undefined, ''],
};
const results = {
  response: () => new Response('äöü'),
  bare: () => new Response(Buffer.from('bare')),
  json: () => Response.json({ a: 1 }, { status: 202 }),
  empty: () => new Response(null, { status: 204 }),
  object: () => ({ b: 2 }),
  text: () => 'text',
  bytes: () => new Uint8Array([1, 2]),
  created: () => respond({ status: 201, body: { id: 1 } }),
  nothing: () => undefined,
};
export const result = (_request, { params }) => results[params.kind]();
export const fail = (_request, { params }) => plain.fail({ params });
export const exception = () => {
  throw new HTTPException(401, { message: 'no entry' });
};

export const exceptionWithResponse = () => {
  const headers = new Headers([
    ['www-authenticate', 'Basic'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
  throw new HTTPException(401, { res: new Response('who are you?', { headers }) });
};

export function* countTo(_request, { params }) {
  yield* plain.countTo({ params });
}
export function* withHead() {
  yield* plain.withHead();
}
export const untilFree = (_request, context) => plain.untilFree(context);
export const untilCancelled = (_request, context) => plain.untilCancelled(context);
/** Garbage is collected while nobody waits for that; then word 1 is one more. It must not be a closure of who is collected. */
function collect(words) {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  let rounds = 0;
  const collecting = setInterval(() => {
    gc();
    if (++rounds < 3) return;
    clearInterval(collecting);
    Atomics.add(words, 1, 1);
  }, 1);
}
/** Is told by the request's own signal, and waits for nothing else. */
export const untilAborted = async ({ signal }, { memory }) => {
  const words = new Int32Array(memory);
  collect(words);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  Atomics.add(words, 2, 1);
  checkCancelled();
};
export const exits = () => process.exit(3);
