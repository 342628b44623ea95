// The short form of the matrix, on the running Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { running } from './lines.mjs';
import { shortPlan } from './plan.mjs';
import { describe, failures, runPlan } from './run-plan.mjs';

test('every cell of the short matrix is the right value or its named error', {
  timeout: 240_000,
}, async (t) => {
  const results = await runPlan((env) => shortPlan(running(), { env }));
  for (const reason of new Set(
    results.filter((cell) => cell.absent).map((cell) => `${cell.source}: ${cell.why}`),
  )) {
    t.diagnostic(`left out: ${reason}`);
  }
  const bad = failures(results);
  assert.equal(bad.length, 0, `\n${bad.map(describe).join('\n')}`);
});
