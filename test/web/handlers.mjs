// What the tests run in workers, as handlers.
import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import { canRun, checkCancelled, currentSignal, run, transfer } from 'isthmus';
import { requestId, respond } from 'isthmus/fastify';

export const where = () => ({ threadId, pid: process.pid });
export const echo = (request) => request;
export const bodyOf = (request) => request.body;
export const lengthOf = ({ body }) => ({
  length: body?.length ?? 0,
  kind: body?.constructor?.name ?? typeof body,
});
export const ids = ({ id }) => [id, requestId.getStore()];
export const later = async ({ params }) =>
  new Promise((resolve) => setTimeout(resolve, 1, { later: params }));

const results = {
  object: () => ({ a: [1, { b: 'two' }] }),
  text: () => 'äöü',
  empty: () => '',
  buffer: () => Buffer.from([1, 2, 3]),
  view: () => new Uint8Array([0, 1, 2, 3]).subarray(1, 3),
  arrayBuffer: () => new Uint8Array([7, 8]).buffer,
  moved: () => transfer(new Uint8Array(100_000).fill(5)),
  nothing: () => undefined,
  date: () => ({ at: new Date(0) }),
  created: () => respond({ status: 201, headers: { location: '/1', 'x-n': 5 }, body: { id: 1 } }),
  cookies: () => respond({ headers: { 'set-cookie': ['a=1', 'b=2'] }, body: 'ok' }),
  bare: () => respond({ status: 304 }),
  html: () => respond({ headers: { 'content-type': 'text/html' }, body: '<p>' }),
  movedPart: () => {
    const body = new Uint8Array(50_000).fill(6);
    return transfer(respond({ body }), [body.buffer]);
  },
};
export const kinds = Object.keys(results);
export const result = ({ params }) => results[params.kind]();

export class Teapot extends Error {
  statusCode = 418;
  extra = { cups: 2 };
}
const errors = {
  teapot: () => new Teapot('short and stout'),
  plain: () => new Error('plain'),
  null: () => null,
  undefined: () => undefined,
  text: () => 'a text',
  zero: () => 0,
  route: () => 'route',
};
export const errorKinds = Object.keys(errors);
export function fail({ params }) {
  throw errors[params.kind]();
}
export const large = () => Buffer.alloc(2 ** 26);
/** A body that no parser has read. */
export async function lengthOfStream({ body }) {
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  return { length };
}
export const header = ({ query }) => respond({ headers: { 'x-name': query.name }, body: 'ok' });
export const headerName = ({ query }) => respond({ headers: { [query.name]: 'x' }, body: 'ok' });
export const uncloneable = () => ({ fn: () => {} });

// Work that is told to end ----------------------------------------------------------------------------------------------

const wordsOf = ({ memory }) => new Int32Array(memory);
const add = (words, at) => {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
};

/** Says in word 1 that it began, and ends when word 0 is set. */
export function untilFree(request) {
  const words = wordsOf(request);
  add(words, 1);
  Atomics.wait(words, 0, 0);
  return { id: request.params?.id ?? null };
}
/** Looks at whether it was given up; says so in word 2. */
export function untilCancelled(request) {
  const words = wordsOf(request);
  add(words, 1);
  try {
    for (;;) {
      checkCancelled();
      Atomics.wait(words, 3, 0, 1);
    }
  } catch (error) {
    add(words, 2);
    throw error;
  }
}
/** Is told by its signal. */
export async function untilSignal(request) {
  const words = wordsOf(request);
  add(words, 1);
  const signal = currentSignal();
  await new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', resolve);
  });
  add(words, 2);
}
/** Hears nothing. */
export function deaf(request) {
  const words = wordsOf(request);
  add(words, 1);
  for (;;) Atomics.wait(words, 3, 0, 1000);
}
export function exits({ query }) {
  process.exit(Number(query.code ?? 3));
}
export function spinFor({ query }) {
  const end = performance.now() + Number(query.ms ?? 1);
  while (performance.now() < end);
  return query;
}

// Streams -------------------------------------------------------------------------------------------------------------

export function* countTo({ params }) {
  for (let i = 1; i <= Number(params.n); i++) yield `${i}\n`;
}
export async function* countLater({ params }) {
  for (let i = 1; i <= Number(params.n); i++) {
    await null;
    yield Buffer.from(`${i}\n`);
  }
}
export function* withHead() {
  yield respond({ status: 206, headers: { 'content-type': 'text/csv' } });
  yield 'a,b\n';
  yield '';
  yield '1,2\n';
}
export function* nothingAtAll() {}
/** Without an end; says in word 2 that it was left. */
export function* endless(request) {
  const words = wordsOf(request);
  try {
    for (;;) {
      add(words, 1);
      yield 'x'.repeat(10_000);
    }
  } finally {
    add(words, 2);
  }
}
/** Yields once, and then goes on alone until it is told; says in word 2 that it has ended. */
export function* yieldsOnce(request) {
  const words = wordsOf(request);
  try {
    yield 'x';
    for (;;) {
      checkCancelled();
      Atomics.wait(words, 3, 0, 1);
    }
  } finally {
    add(words, 2);
  }
}
export function* failsFirst({ query }) {
  if (query.never) yield '';
  throw new Teapot('no stream');
}
export function* failsLate() {
  yield 'x'.repeat(100_000);
  throw new Teapot('in the middle');
}
export function* yieldsData() {
  yield { no: 'bytes' };
}

// What did not cross ------------------------------------------------------------------------------------------------

/** A guard, as it is written on the loop. */
export const guards = (request) => (request.user?.admin === false ? { denied: true } : { secret: 42 });
export const reads = (request) => ({ value: String(request[request.query.name]) });
/** What may be asked of a request that has only what has crossed. */
export const looksAt = (request) => {
  const { id: _id, ...rest } = { ...request };
  return {
    keys: Object.keys(request),
    rest: Object.keys(rest).length,
    has: ['user' in request, 'method' in request, Object.hasOwn(request, 'user')],
    json: JSON.parse(JSON.stringify(request)).method,
    clone: structuredClone(request).method,
    shown: inspect(request).includes("method: 'GET'"),
    text: `${request}`,
    body: String(request.body),
  };
};
export const awaited = async (request) => (await request).method;
export function* guardsLate(request) {
  yield 'begun';
  yield String(request.user);
}

// On the event loop ---------------------------------------------------------------------------------------------------

export const runs = async () => {
  const value = run(new Promise((resolve) => setTimeout(resolve, 1, 'ran')));
  return { value, threadId, base: canRun().base };
};
export const plainRuns = () => ({ value: run(Promise.resolve('ran')), threadId });
export const takesReply = (_request, reply) => {
  reply.send({ threadId });
};
