// Hostile clients against each adapter's server: a fixed number of them. `npm run soak:web` does it for a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../matrix/hostile/load.mjs';
import { check, describeLoad } from './hostile/checks.mjs';
import { loads } from './hostile/loads.mjs';

const seed = Number(process.env.ISTHMUS_SEED ?? 20_260_101);
const CONNECTIONS = 600;

for (const [adapter, load_] of Object.entries(loads)) {
  test(`hostile clients, ${adapter}`, { timeout: 120_000 }, async (t) => {
    t.diagnostic(`ISTHMUS_SEED=${seed}`);
    const options = { ...load_, node: process.execPath, connections: CONNECTIONS, seconds: 60, seed };
    const result = await load(options);
    t.diagnostic(describeLoad(result));
    const wrong = check(options, result);
    assert.equal(wrong.length, 0, wrong.join('\n'));
  });
}
