// The same for Hono: a standard Request in, a standard Response out.
import { gzipSync } from 'node:zlib';
import * as books from './books.mjs';
import { differences } from './diff.mjs';
import * as images from './images.mjs';
import * as pages from './pages.mjs';
import * as work from './work.mjs';

export const hashPassword = (_request, context) => Response.json(work.hashPassword(context));

const json = (work) => async (request) => Response.json(work({ body: await request.json() }));
export const newPassword = json(work.newPassword);
export const checkPassword = json(work.checkPassword);
export const author = (_request, context) => Response.json(books.author(context));

/** What they give is sent as well: a Response is not a must. */
export const render = async (request) => pages.render({ body: await request.text() });
export async function thumbnail(request, { params }) {
  return images.thumbnail({ params, body: Buffer.from(await request.arrayBuffer()) });
}

export async function compress(request) {
  const body = gzipSync(await request.arrayBuffer());
  return new Response(body, { headers: { 'content-type': 'application/gzip' } });
}

export async function compare(request) {
  const { before, after } = await request.json();
  return Response.json(differences(before, after));
}

export function* primes(_request, context) {
  yield* work.primes(context);
}
