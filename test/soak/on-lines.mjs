// Runs a soak on every Node line, its calls shared out among them. ISTHMUS_SEED repeats a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const seed = Number(process.env.ISTHMUS_SEED ?? 20_260_101);
const env = { NODE_V8_COVERAGE: '' };

/** `check` is given the test's context, what the script printed as JSON, and that as text. */
export function soakOnLines({ url, total, what, limit, args: more = [] }, check) {
  const script = fileURLToPath(url);
  const lines = allLines();
  const calls = total / lines.length;
  for (const { version, node } of lines) {
    test(`Node ${version}: ${calls} ${what} with deaths among them`, {
      timeout: limit + 5_000,
    }, async (t) => {
      const args = [script, '--calls', calls, '--seed', seed, '--json', ...more].map(String);
      const { code, signal, timedOut, stdout, stderr } = await runChild(node, args, { limit, env });
      const end = timedOut ? `it did not end within ${limit} ms` : `it ended with ${signal ?? code}`;
      assert.equal(code, 0, `seed ${seed}, ${end}\n${stderr}${stdout}`);
      t.diagnostic(`seed ${seed}`);
      check(t, JSON.parse(stdout), stdout);
    });
  }
}
