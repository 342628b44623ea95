// Every task settles once, with its own answer, whatever happens to the others: 12,000 tasks, shared out among the lines.
// ISTHMUS_SEED repeats a run; `npm run soak:pool` makes a long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const script = fileURLToPath(new URL('pool.mjs', import.meta.url));
const seed = Number(process.env.ISTHMUS_SEED ?? 20_260_101);
const limit = 180_000;
const env = { NODE_V8_COVERAGE: '' };

const lines = allLines();
const calls = 12_000 / lines.length;

for (const { version, node } of lines) {
  test(`Node ${version}: ${calls} tasks with deaths among them`, { timeout: limit + 5_000 }, async (t) => {
    const args = [script, '--calls', calls, '--seed', seed, '--json'].map(String);
    const { code, signal, timedOut, stdout, stderr } = await runChild(node, args, { limit, env });
    const end = timedOut ? `it did not end within ${limit} ms` : `it ended with ${signal ?? code}`;
    assert.equal(code, 0, `seed ${seed}, ${end}\n${stderr}${stdout}`);
    const { done, ms, started, deaths } = JSON.parse(stdout);
    t.diagnostic(`seed ${seed}: ${started} workers, ${(ms / 1000).toFixed(1)} s, ${JSON.stringify(deaths)}`);
    for (const [name, times] of Object.entries(done)) assert.ok(times > 0, `there was no task of ${name}`);
    assert.ok(started > 20 && Object.values(deaths).every((times) => times > 0), stdout);
  });
}
