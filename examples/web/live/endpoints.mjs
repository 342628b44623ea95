// The same work, six ways, side by side: `/naive/hash/secret`, `/thread/hash/secret`, and so on.
import { canRun, createPool, run, toThread } from 'isthmus';
import { isthmus } from 'isthmus/fastify';
import { health } from 'isthmus/health';
import { notePath } from './paths.mjs';
import { jobs } from './ways.mjs';
import { comparePrices, compressLog, hashPassword } from './work.mjs';

const handlers = { hash: hashPassword, gzip: compressLog, diff: comparePrices };
const each = Object.entries(handlers).map(([job, handler]) => ({ handler, path: jobs[job].path }));

/** As it is written by somebody who does not know better: on the loop. */
export function addNaive(app) {
  for (const { handler, path } of each) app.get(`/naive/${path}`, async ({ params }) => handler({ params }));
}

/** Plain sync code that has to have the result of something async. */
function waitFor(handler, params) {
  notePath(canRun());
  return run(toThread(handler, { params }));
}

/** The ways that leave the loop free, in a scope of the plugin; gives a function that tells of their pools. */
export async function addOthers(app) {
  await app.register(isthmus, { auto: true, strict: true });
  const own = createPool({ queue: 1000 });
  app.addHook('onClose', () => own.close({ timeout: 10_000 }));
  for (const { handler, path } of each) {
    const bound = own.fn(handler);
    app.get(`/thread/${path}`, async ({ params }) => toThread(handler, { params }));
    app.get(`/auto/${path}`, handler);
    app.get(`/pool/${path}`, async ({ params }) => bound({ params }));
    app.get(`/process/${path}`, { config: { isthmus: 'process' } }, handler);
    app.get(`/run/${path}`, async ({ params }) => waitFor(handler, params));
  }
  return () => ({ ...app.isthmus.health().pools, ...health({ pools: { own, shared: toThread } }).pools });
}
