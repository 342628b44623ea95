// `run.each` over what Node and the web call streams.
import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

test('a file stream, whole and left early', limit, () => {
  const file = fileURLToPath(import.meta.url);
  const chunks = [...run.each(createReadStream(file, { highWaterMark: 512 }))];
  assert.ok(chunks.length > 3);
  assert.equal(Buffer.concat(chunks).toString(), readFileSync(file, 'utf8'));
  const stream = createReadStream(file, { highWaterMark: 16 });
  for (const _ of run.each(stream)) break;
  assert.equal(stream.destroyed, true);
});

test('a stream that another callback fills meanwhile', limit, () => {
  const stream = new PassThrough({ objectMode: true });
  for (const value of [1, 2, 3]) setTimeout(() => stream.write(value), value * 3);
  setTimeout(() => stream.end(), 15);
  assert.deepEqual([...run.each(stream)], [1, 2, 3]);
});

test('events, left by break: the listener is gone', limit, () => {
  const emitter = new EventEmitter();
  const ticking = setInterval(() => emitter.emit('tick', performance.now()), 2);
  let seen = 0;
  for (const [at] of run.each(on(emitter, 'tick'))) {
    assert.equal(typeof at, 'number');
    if (++seen === 3) break;
  }
  clearInterval(ticking);
  assert.equal(seen, 3);
  assert.equal(emitter.listenerCount('tick'), 0);
});

test('a web stream, left by break: it is cancelled', limit, () => {
  let cancelled = false;
  let next = 0;
  const pull = (controller) => later(1).then(() => controller.enqueue(next++));
  const stream = new ReadableStream({ pull, cancel: () => later(5).then(() => (cancelled = true)) });
  const seen = [];
  for (const value of run.each(stream)) if (seen.push(value) === 3) break;
  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(cancelled, true);
});
