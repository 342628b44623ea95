// The room's tests that need no process of their own, on every other Node line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';
import { root } from '../run/script.mjs';

const limit = { timeout: 240_000 };

for (const { version, node } of allLines().filter(({ version }) => version !== process.versions.node)) {
  for (const name of ['to-thread', 'cancel', 'pool', 'from-thread', 'trace']) {
    test(`${name} on Node ${version}`, limit, async () => {
      const file = fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url));
      const args = ['--test-reporter=tap', file];
      const { code, stdout, stderr } = await runChild(node, args, { limit: 120_000, cwd: root });
      const failed = stdout.split('\n').filter((line) => /^ *not ok/.test(line));
      assert.deepEqual(failed, [], stdout);
      assert.equal(code, 0, stderr);
    });
  }
}
