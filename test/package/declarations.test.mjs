// The declarations of the package compile with every line's @types/node, whose names differ.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

test('nothing is imported from Node that only some lines declare', { timeout: 60_000 }, () => {
  const files = readdirSync(dist, { recursive: true }).filter((name) => String(name).endsWith('.d.ts'));
  assert.ok(files.length > 50);
  const importing = files.filter((name) =>
    /import[^;]*\bTransferListItem\b[^;]*from 'node:/.test(readFileSync(join(dist, name), 'utf8')),
  );
  assert.deepEqual(importing, []);
});
