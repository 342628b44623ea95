// Runs test files on every other Node line, each in a process of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root } from '../run/script.mjs';
import { runChild } from './child.mjs';
import { allLines } from './lines.mjs';

const limit = { timeout: 240_000 };

/** `names` without `.test.mjs`, beside the file whose URL is `beside`. */
export function onOtherLines(beside, names) {
  for (const { version, node } of allLines().filter(({ version }) => version !== process.versions.node)) {
    for (const name of names) {
      test(`${name} on Node ${version}`, limit, async () => {
        const file = fileURLToPath(new URL(`${name}.test.mjs`, beside));
        const args = ['--test-reporter=tap', file];
        const { code, stdout, stderr } = await runChild(node, args, { limit: 120_000, cwd: root });
        const failed = stdout.split('\n').filter((line) => /^ *not ok/.test(line));
        assert.deepEqual(failed, [], stdout);
        assert.equal(code, 0, stderr);
      });
    }
  }
}
