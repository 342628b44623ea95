// A blocking database on a thread of its own: the same program by each driver, on every line that has it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from '../lines/lines.mjs';
import { finish, root } from './child.mjs';

const example = join(root, 'examples', 'sqlite');
const rows = 20_000;

const missing = {
  'node:sqlite': (line) => Number(line) < 22 && `Node ${line} has no node:sqlite`,
  libsql: () =>
    !existsSync(join(example, 'node_modules', 'libsql')) && 'libsql is not installed in examples/sqlite',
};

for (const { line, execPath, skip } of lines) {
  for (const [driver, why] of Object.entries(missing)) {
    test(`${driver} on Node ${line}`, { timeout: 60_000, skip: skip || why(line) }, async () => {
      const args = [join(example, 'main.mjs'), driver, String(rows)];
      const { code, out, err } = await finish(execPath, args);
      assert.equal(code, 0, out + err);
      const said = Object.fromEntries(
        out
          .trimEnd()
          .split('\n')
          .map(JSON.parse)
          .map(({ what, value }) => [what, value]),
      );
      assert.deepEqual(said, {
        'the loop goes on': true,
        balances: [91, 82, 73, 64, 55, 46, 37, 28, 19, 10],
        refused: [true, 'ada has 10', 'E_FUNDS'],
        'rolled back': [10, 90, 100],
        'few were read': true,
        'sum of the ledger': rows + 90,
        renamed: [0, rows / 2 + 10],
      });
    });
  }
}
