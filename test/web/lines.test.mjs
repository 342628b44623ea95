// The room's tests on every other Node line.
import { onOtherLines } from '../hosts/on-lines.mjs';

onOtherLines(import.meta.url, [
  'fastify',
  'fastify-auto',
  'fastify-stream',
  'fastify-life',
  'missing',
  'express',
  'hono',
  'http',
  'health',
  'hostile',
  'clients',
  'one',
]);
