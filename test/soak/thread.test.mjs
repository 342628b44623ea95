// Every answer belongs to its own call, whatever happens to the others: 20,000 calls, shared out among the lines.
// ISTHMUS_SEED repeats a run; `npm run soak:thread` makes a long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const script = fileURLToPath(new URL('thread.mjs', import.meta.url));
const seed = Number(process.env.ISTHMUS_SEED ?? 20_260_101);
const limit = 120_000;
const env = { NODE_V8_COVERAGE: '' };

const lines = allLines();
const calls = 20_000 / lines.length;

for (const { version, node } of lines) {
  test(`Node ${version}: ${calls} calls with deaths among them`, { timeout: limit + 5_000 }, async (t) => {
    const args = [script, '--calls', calls, '--seed', seed, '--json'].map(String);
    const { code, signal, timedOut, stdout, stderr } = await runChild(node, args, { limit, env });
    const end = timedOut ? `it did not end within ${limit} ms` : `it ended with ${signal ?? code}`;
    assert.equal(code, 0, `seed ${seed}, ${end}\n${stderr}${stdout}`);
    const { done, tally, threads, ms, memory } = JSON.parse(stdout);
    t.diagnostic(`seed ${seed}: ${threads} threads, ${(ms / 1000).toFixed(1)} s, ${JSON.stringify(tally)}`);
    t.diagnostic(JSON.stringify(memory));
    for (const [name, act] of Object.entries(done)) assert.ok(act.calls > 0, `there was no call of ${name}`);
    assert.ok(tally.timeouts > 0 && tally.deaths > 0 && threads > tally.deaths, stdout);
  });
}
