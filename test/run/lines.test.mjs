// The tests of this room on the other Node lines: each file as it is, in a process of that line.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lines } from '../lines/lines.mjs';
import { node } from './script.mjs';

const limit = 4 * 60_000;
const folder = fileURLToPath(new URL('.', import.meta.url));
// What has no pump is the same on every line.
const once = ['lines.test.mjs', 'available.test.mjs'];
const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs') && !once.includes(name));
const others = lines.filter(({ line }) => line !== process.versions.node.split('.')[0]);

test('there are other lines and files to run on them', { timeout: 5_000 }, () => {
  assert.ok(others.length > 0 && files.length > 5, `${others.length} lines, ${files.length} files`);
});

for (const { line, execPath, skip } of others) {
  for (const file of files) {
    test(`Node ${line}: ${file}`, { timeout: limit + 10_000, skip }, async () => {
      const { code, stdout, stderr } = await node(['--test-reporter=tap', folder + file], {
        execPath,
        limit,
      });
      // Each one that failed, with what is said of it.
      const failed = stdout.match(/^not ok.*?^ {2}\.\.\.$/gms) ?? [stdout.slice(-3_000)];
      assert.equal(code, 0, `${failed.join('\n')}\n${stderr}`);
      assert.match(stdout, /^# pass [1-9]/m, 'some tests must have run');
    });
  }
}
