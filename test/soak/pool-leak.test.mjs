// 200 pools that come and go, and 20,000 tasks of every kind: nothing of them stays behind, in the heap of either side, on a signal
// that outlives them, among the handles, the file descriptors or the threads; and everything that they were given is collected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { chosenLines } from '../hosts/lines.mjs';

const limit = 180_000;
const env = { NODE_V8_COVERAGE: '' };
const script = fileURLToPath(new URL('pool-leak.mjs', import.meta.url));
/** Bytes that the heap may grow by in the second half of each: its own noise, less than the smallest object for each. */
const counts = { pools: [200, 500_000], tasks: [20_000, 400_000] };

async function child(node, args) {
  const done = await runChild(node, ['--expose-gc', script, ...args], { limit, env });
  const end = `${done.timedOut ? 'timed out ' : ''}${done.signal ?? ''}\n${done.stdout}${done.stderr}`;
  assert.equal(done.code, 0, end);
  const result = JSON.parse(done.stdout);
  const { middle, end: last } = result;
  const grown = Object.fromEntries(Object.keys(last).map((key) => [key, last[key] - middle[key]]));
  return { ...result, grown };
}

for (const { node, version } of chosenLines()) {
  for (const [kind, [count, allowed]] of Object.entries(counts)) {
    test(`Node ${version}: ${count} ${kind} leave nothing behind`, { timeout: limit + 5_000 }, async (t) => {
      const { grown, end, over, limiter } = await child(node, [kind, String(count)]);
      t.diagnostic(JSON.stringify(grown));
      assert.ok(grown.heap < allowed, `the heap grew by ${grown.heap} bytes in the second half`);
      assert.ok(grown.there < allowed, `a worker's heap grew by ${grown.there} bytes in the second half`);
      assert.deepEqual([grown.handles, grown.descriptors, grown.threads, over], [0, 0, 0, 0]);
      assert.equal(end.listeners, 0, 'listeners on the signal');
      assert.equal(end.held, 0, 'things that were handed over and not collected');
      assert.deepEqual([limiter.used, limiter.waiting], [0, 0]);
    });

    test(`Node ${version}: ${kind} that are kept show`, { timeout: limit + 5_000 }, async () => {
      const { end, grown } = await child(node, [kind, kind === 'pools' ? '20' : '4000', 'leak']);
      assert.ok(end.held >= 20, `only ${end.held}`);
      assert.ok(grown.heap > 0);
    });
  }
}
