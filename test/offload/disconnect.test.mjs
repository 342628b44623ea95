// A client that goes away: a handler's signal reaches the work. What waits never begins, what runs is told, and ended if it
// does not listen.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as f from './functions.mjs';
import { limit, poolFor, until, words } from './kit.mjs';

/** A server whose handlers are `work(signal, path)`; what became of each request is in `settled`. */
async function serve(scope, work) {
  const settled = new Map();
  const server = createServer(async ({ url }, response) => {
    const abort = new AbortController();
    response.on('close', () => abort.abort(new Error('enough')));
    try {
      const value = await work(abort.signal, url);
      settled.set(url, value);
      response.end(String(value));
    } catch (error) {
      settled.set(url, error);
      response.writeHead(500).end();
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  scope.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  const ask = (path) => get(url + path, { agent: false }).on('error', () => {});
  const body = async (path) => (await fetch(url + path)).text();
  return { settled, ask, body };
}

test('queued work of clients that have gone is dropped, and never begins', limit, async (scope) => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-gone-'));
  scope.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'notes');
  const pool = poolFor(scope, { size: 1 });
  const free = words();
  const blocked = pool.run(f.untilFree, free.memory);
  await free.reaches(1);
  const { settled, ask, body } = await serve(scope, (signal, path) => {
    return pool.with({ signal }).run(f.noted, file, path);
  });
  const gone = Array.from({ length: 10 }, (_, i) => ask(`/gone${i}`));
  const stays = body('/stays');
  await until(() => pool.stats().queued === 11);
  for (const request of gone) request.destroy();
  await until(() => settled.size === 10);
  for (const error of settled.values()) assert.equal(error.message, 'enough');
  assert.deepEqual([pool.stats().queued, pool.stats().abandoned], [1, 0]);
  free.set(0);
  await blocked;
  assert.equal(await stays, '/stays');
  assert.equal(readFileSync(file, 'utf8'), '/stays\n');
});

test('running work is told, with the reason, and its worker goes on', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const { settled, ask, body } = await serve(scope, (signal, path) =>
    path === '/gone' ? pool.with({ signal }).run(f.untilSignal, shared.memory) : pool.run(f.sum, 1, 2),
  );
  const gone = ask('/gone');
  await shared.reaches(0);
  gone.destroy();
  await shared.reaches(1);
  assert.equal(shared.read(1), 1, 'it had the reason');
  await until(() => settled.size === 1);
  assert.equal(settled.get('/gone').message, 'enough');
  assert.equal(await body('/next'), '3');
  assert.equal(pool.stats().deaths['given up'], 0);
});

test('running work that does not listen is ended after its grace, if that is asked', limit, async (scope) => {
  const pool = poolFor(scope, { size: 1 });
  const shared = words();
  const { settled, ask, body } = await serve(scope, (signal, path) =>
    path === '/gone'
      ? pool.with({ signal, grace: 20 }).run(f.deaf, shared.memory)
      : pool.with({ signal }).run(f.sum, 1, 2),
  );
  const gone = ask('/gone');
  await shared.reaches(0);
  gone.destroy();
  await until(() => settled.size === 1);
  assert.equal(await body('/next'), '3');
  const { deaths, abandoned } = pool.stats();
  assert.deepEqual([deaths['given up'], abandoned], [1, 0]);
});
