// The short form of the hostile load, on the running Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, describeLoad } from './hostile/checks.mjs';
import { load } from './hostile/load.mjs';
import { loads } from './hostile/loads.mjs';

const seed = Number(process.env.ISTHMUS_SEED ?? Date.now() % 1e9);
const SECONDS = 1.5;

for (const [name, load_] of Object.entries(loads)) {
  test(`hostile clients, ${name}`, { timeout: 90_000 }, async (t) => {
    t.diagnostic(`ISTHMUS_SEED=${seed}`);
    const options = { ...load_, node: process.execPath, seconds: SECONDS, seed };
    const result = await load(options);
    t.diagnostic(describeLoad(result));
    const wrong = check(options, result);
    assert.equal(wrong.length, 0, wrong.join('\n'));
  });
}
