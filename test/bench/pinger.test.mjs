// The open loop of bench:web: it sends whatever becomes of what it has sent, and forgets no wait.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { openLoop } from '../../bench/web/pinger.mjs';

const limit = { timeout: 60_000 };
const rate = 500;
const interval = 1000 / rate;

async function serve(scope, listener) {
  const server = createServer(listener);
  scope.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

test(
  'a server that answers nobody before it was asked by all: every wait is counted',
  limit,
  async (scope) => {
    const count = 100;
    const held = [];
    const url = await serve(scope, (_request, response) => {
      held.push(response);
      if (held.length === count) for (const one of held) one.end();
    });
    const { sent, failed, p50, max } = await openLoop(url, { rate, ms: count * interval, patience: 30_000 });
    assert.deepEqual({ sent, failed }, { sent: count, failed: 0 });
    // The first was answered when the last had been sent, which is never before its time.
    assert.ok(max >= (count - 1) * interval, `${max} ms`);
    assert.ok(p50 >= (count / 2 - 1) * interval, `${p50} ms`);
  },
);

test('a request that is sent late is timed from when it was to be sent', limit, async (scope) => {
  const stop = 300;
  const url = await serve(scope, (_request, response) => response.end());
  const pinged = openLoop(url, { rate, ms: stop, patience: 30_000 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stop);
  const { failed, p50 } = await pinged;
  assert.equal(failed, 0);
  // Nobody is answered during the stop, so half of them wait for half of it.
  assert.ok(p50 >= stop / 2 - interval, `${p50} ms`);
});

test('whoever is not answered is waited for so long, and has failed', limit, async (scope) => {
  const url = await serve(scope, () => {});
  const { sent, failed, p50 } = await openLoop(url, { rate, ms: 20, patience: 100 });
  assert.deepEqual({ sent, failed }, { sent: 10, failed: 10 });
  assert.ok(p50 >= 100, `${p50} ms`);
});

test('an answer that is an error has failed', limit, async (scope) => {
  const url = await serve(scope, (_request, response) => {
    response.statusCode = 503;
    response.end();
  });
  const { failed } = await openLoop(url, { rate, ms: 20, patience: 30_000 });
  assert.equal(failed, 10);
});
