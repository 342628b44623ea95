// Blocking functions for a pool's threads, with spans of their own.
import { pbkdf2Sync } from 'node:crypto';
import { tracer } from './spans.mjs';

export function keyOf(password) {
  return tracer.startActiveSpan('keyOf', (span) => {
    span.setAttribute('password.length', password.length);
    const key = stretch(password);
    span.end();
    return key;
  });
}

function stretch(password) {
  const span = tracer.startSpan('stretch');
  const key = pbkdf2Sync(password, 'salt', 10_000, 16, 'sha256').toString('hex');
  span.end();
  return key;
}

export function refuse() {
  throw new RangeError('no such password');
}
