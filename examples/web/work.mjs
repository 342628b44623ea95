// Handlers as people write them: plain functions that block. Nothing in them knows of threads.
import { scryptSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { compareSync, hashSync } from 'bcryptjs';
import { requestId, respond } from 'isthmus/fastify';
import { differences } from './diff.mjs';

/** Some 50 ms of one processor. */
export function hashPassword({ params }) {
  return { hash: scryptSync(params.password, 'salt', 64).toString('hex') };
}

/** The same by bcrypt, in plain JavaScript. */
export function newPassword({ body }) {
  return { hash: hashSync(body.password, 10) };
}
export function checkPassword({ body }) {
  return { isRight: compareSync(body.password, body.hash) };
}

/** Bytes in, bytes out. */
export function compress({ body }) {
  return respond({ headers: { 'content-type': 'application/gzip' }, body: gzipSync(body) });
}

/** What differs between two documents. */
export function compare({ body }) {
  const found = differences(body.before, body.after);
  console.log(`${requestId.getStore() ?? 'a request'}: ${found.length} differences`);
  return found;
}

/** A report that is sent line by line, as it is made. */
export function* primes({ params }) {
  yield respond({ headers: { 'content-type': 'text/csv' } });
  yield 'n,prime\n';
  let n = 0;
  for (let candidate = 2; n < Number(params.count); candidate++) {
    let isPrime = true;
    for (let i = 2; i * i <= candidate && isPrime; i++) isPrime = candidate % i !== 0;
    if (isPrime) yield `${++n},${candidate}\n`;
  }
}
