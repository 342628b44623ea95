// 100,000 calls: nothing of a call stays behind, in the heap, among the handles or the file descriptors; and nothing of
// a Worker that used the package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { chosenLines } from '../hosts/lines.mjs';

const limit = 120_000;
const env = { NODE_V8_COVERAGE: '' };
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const counts = {
  settled: 100_000,
  microtask: 100_000,
  immediate: 100_000,
  fs: 100_000,
  rejected: 100_000,
  timeout: 100_000,
  aborted: 100_000,
  each: 100_000,
  timer: 20_000,
  turn: 100_000,
};
/** Bytes a call may leave behind: less than the smallest object. The heap's own noise does not grow with the calls. */
const perCall = 12;
const noise = 300_000;
const allowed = (calls) => Math.max(noise, perCall * calls);

async function child(node, args) {
  const done = await runChild(node, ['--expose-gc', ...args], { limit, env });
  assert.equal(
    done.code,
    0,
    `${done.timedOut ? 'timed out ' : ''}${done.signal ?? ''}\n${done.stdout}${done.stderr}`,
  );
  return JSON.parse(done.stdout);
}

function growth({ middle, end }) {
  return Object.fromEntries(Object.keys(end).map((key) => [key, end[key] - middle[key]]));
}

for (const line of chosenLines()) {
  for (const [kind, calls] of Object.entries(counts)) {
    test(`Node ${line.version}: ${calls} calls, ${kind}`, { timeout: limit + 5_000 }, async (t) => {
      const result = await child(line.node, [path('leak.mjs'), kind, String(calls)]);
      const grown = growth(result);
      t.diagnostic(JSON.stringify(grown));
      assert.ok(grown.heap < allowed(calls / 2), `the heap grew by ${grown.heap} bytes in the second half`);
      assert.ok(grown.rss < 24 * 2 ** 20, `resident memory grew by ${grown.rss} bytes`);
      assert.equal(grown.handles, 0);
      assert.equal(grown.descriptors, 0);
      assert.equal(result.depth, 0);
    });
  }

  test(`Node ${line.version}: a call that is kept shows`, { timeout: limit + 5_000 }, async () => {
    const grown = growth(await child(line.node, [path('leak.mjs'), 'microtask', '40000', 'leak']));
    assert.ok(grown.heap > allowed(20_000), `only ${grown.heap} bytes`);
  });

  test(`Node ${line.version}: 30 Workers that wait and are terminated`, {
    timeout: limit + 5_000,
  }, async (t) => {
    const result = await child(line.node, [path('workers.mjs'), '30']);
    const grown = growth(result);
    t.diagnostic(JSON.stringify(grown));
    assert.equal(grown.threads, 0);
    assert.equal(grown.descriptors, 0);
    assert.equal(grown.handles, 0);
    assert.ok(grown.heap < 2 * noise, `the heap grew by ${grown.heap} bytes`);
  });
}
