// The same for Hono: a standard Request in, a standard Response out.
import { gzipSync } from 'node:zlib';
import { differences } from './diff.mjs';
import * as work from './work.mjs';

export const hashPassword = (_request, context) => Response.json(work.hashPassword(context));

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
