// Random nesting, settle order, throws, timeouts and aborts, on every line. ISTHMUS_SEED repeats a run;
// ISTHMUS_STRESS_RUNS makes it longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const script = fileURLToPath(new URL('stress.mjs', import.meta.url));
const seed = Number(process.env.ISTHMUS_SEED ?? 20_251_120);
const runs = Number(process.env.ISTHMUS_STRESS_RUNS ?? 40);
const limit = 20_000 + runs * 500;
const env = { NODE_V8_COVERAGE: '', MALLOC_PERTURB_: '165' };

for (const line of allLines()) {
  for (const thread of ['main', 'worker']) {
    test(`Node ${line.version}: random trees of calls, ${thread}`, { timeout: limit + 5_000 }, async (t) => {
      t.diagnostic(`ISTHMUS_SEED=${seed} ISTHMUS_STRESS_RUNS=${runs}`);
      const done = await runChild(line.node, [script, seed, runs, thread].map(String), { limit, env });
      const end = done.timedOut
        ? `it did not end within ${limit} ms`
        : `it ended with ${done.signal ?? done.code}`;
      assert.equal(done.code, 0, `seed ${seed}, ${end}\n${done.stdout}${done.stderr}`);
      const { calls, maxDepth } = JSON.parse(done.stdout);
      t.diagnostic(`${calls} calls, up to ${maxDepth} deep`);
      assert.ok(maxDepth > 1);
    });
  }
}
