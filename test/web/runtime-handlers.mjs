// Handlers for the program of all runtimes, which find the package by its place.
import { isMainThread } from 'node:worker_threads';
import { canRun, checkCancelled, run } from '../../dist/index.js';
import { requestId, respond } from '../../dist/web/fastify.js';

export const where = ({ params }) => ({ isHere: isMainThread, params, id: requestId.getStore() });
export const bytes = ({ body }) => body;
export const created = () => respond({ status: 201, headers: { 'x-a': 'b' }, body: { made: true } });
export function fails() {
  throw Object.assign(new Error('short and stout'), { statusCode: 418 });
}
export function* counts() {
  yield* ['1\n', '2\n', '3\n'];
}
/** Says in word 1 that it began, and in word 2 that it was told. */
export function told({ memory }) {
  const words = new Int32Array(memory);
  Atomics.store(words, 1, 1);
  try {
    for (;;) {
      checkCancelled();
      Atomics.wait(words, 3, 0, 1);
    }
  } finally {
    Atomics.store(words, 2, 1);
  }
}
export const exits = () => process.exit(3);
export const standard = async (request, { params }) =>
  Response.json(
    { isHere: isMainThread, body: await request.text(), params },
    { status: 201, headers: { 'x-path': new URL(request.url).pathname } },
  );

/** On the loop: what sync code gets that calls run(). */
export function runs() {
  const { base } = canRun();
  try {
    return { base, value: run(new Promise((resolve) => setTimeout(resolve, 1, 'ran'))) };
  } catch (error) {
    return { base, code: error.code };
  }
}
