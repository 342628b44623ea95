// The room's tests on every Node line, each in a process of its own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { allLines } from '../hosts/lines.mjs';

const limit = { timeout: 60_000 };
const execute = promisify(execFile);

for (const { version, node } of allLines().filter(({ version }) => version !== process.versions.node)) {
  test(`on Node ${version}`, limit, async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    for (const name of ['address', 'load', 'source', 'runtimes']) {
      const file = fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url));
      const { stdout } = await execute(node, [file], { env }).catch((error) => error);
      assert.match(stdout, /^. fail 0$/m, stdout);
    }
  });
}
