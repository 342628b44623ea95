// The tests of this room on the other Node lines: each file as it is, in a process of that line.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lines } from '../lines/lines.mjs';
import { node } from '../run/script.mjs';

const limit = 60_000;
const folder = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(folder).filter(
  (name) => name.endsWith('.test.mjs') && name !== 'lines.test.mjs' && name !== 'async-runtimes.test.mjs',
);
const others = lines.filter(({ line }) => line !== process.versions.node.split('.')[0]);

test('there are other lines and files to run on them', { timeout: 5_000 }, () => {
  assert.ok(others.length > 0 && files.length > 3, `${others.length} lines, ${files.length} files`);
});

for (const { line, execPath, skip } of others) {
  for (const file of files) {
    test(`Node ${line}: ${file}`, { timeout: limit + 10_000, skip }, async () => {
      const args = ['--test-reporter=tap', folder + file];
      const { code, stdout, stderr } = await node(args, { execPath, limit });
      const failed = stdout.split('\n').filter((text) => /^not ok/.test(text));
      assert.equal(code, 0, `${failed.join('\n')}\n${stderr}\n${stdout.slice(-3_000)}`);
      assert.match(stdout, /^# pass [1-9]/m, 'some tests must have run');
    });
  }
}
