// The harness itself: every way in which a cell can be bad must be told from a good one. A fake takes the place of
// isthmus, so that a matrix that is green has been seen red.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { check } from './hostile/checks.mjs';
import { load } from './hostile/load.mjs';
import { running } from './lines.mjs';
import { plan } from './plan.mjs';
import { failures, runPlan } from './run-plan.mjs';

const module = fileURLToPath(new URL('fixtures/fake.mjs', import.meta.url));

/** What the harness says of `cells` when the fake stands in, as "cell: mark". */
async function marks(fake, { cells = ['idle'], source = 'timer', thread = 'main' } = {}) {
  const results = await runPlan((env) =>
    plan({
      lines: [running()],
      threads: [thread],
      sourceNames: [source],
      awaitedNames: cells,
      module,
      limit: 1500,
      env: { ...env, ISTHMUS_MATRIX_FAKE: fake },
    }),
  );
  return {
    results,
    marks: results.map((cell) => `${cell.awaited}: ${cell.mark}`),
    bad: failures(results).length,
  };
}

const expected = {
  honest: ['idle: ✓'],
  wrong: ['idle: wrong'],
  burns: ['idle: spin'],
  spins: ['idle: spin'],
  hangs: ['idle: hang'],
  aborts: ['idle: crash'],
  leaves: ['idle: crash'],
  'fails without a name': ['idle: error'],
  'refuses by mistake': ['idle: error'],
  'loses an error': ['idle: uncaught'],
  'aborts later': ['idle: crash'],
  'hangs later': ['idle: hang'],
  'leaves the loop spinning': ['idle: ✓', 'the end: spin'],
};

for (const [fake, wanted] of Object.entries(expected)) {
  test(`a run that ${fake === 'honest' ? 'is honest' : fake} is seen`, { timeout: 30_000 }, async () => {
    const seen = await marks(fake);
    assert.deepEqual(seen.marks, wanted);
    assert.equal(seen.bad, fake === 'honest' ? 0 : 1);
  });
}

test('the cells after a hang are still tried', { timeout: 30_000 }, async () => {
  const seen = await marks('hangs', { cells: ['idle', 'timerNewer'] });
  assert.deepEqual(seen.marks, ['idle: hang', 'timerNewer: hang']);
});

test('a Worker is judged in the same way', { timeout: 60_000 }, async () => {
  assert.deepEqual((await marks('honest', { thread: 'worker' })).marks, ['idle: ✓']);
  assert.deepEqual((await marks('hangs', { thread: 'worker' })).marks, ['idle: hang']);
  assert.deepEqual((await marks('aborts', { thread: 'worker' })).marks, ['idle: crash']);
  assert.deepEqual((await marks('leaves', { thread: 'worker' })).marks, ['idle: crash']);
});

test('a refusal passes where it is listed, and only there', { timeout: 30_000 }, async () => {
  const listed = await marks('refuses by mistake', { source: 'httpRequest' });
  assert.deepEqual(listed.marks, ['idle: cannot run']);
  assert.equal(listed.bad, 0);
});

test('a cell that the main script never reached is bad', { timeout: 30_000 }, async () => {
  const seen = await marks('leaves', { source: 'esmMain', cells: ['idle', 'timerNewer'] });
  assert.equal(seen.bad, 2);
});

async function complaints(fake) {
  const options = { gate: 'turn', work: ['timer'], burst: 20, seconds: 1, seed: 1 };
  const env = { ISTHMUS_MATRIX_FAKE: fake };
  return check(options, await load({ ...options, node: process.execPath, module, env })).join('\n');
}

test('the hostile load sees wrong answers', { timeout: 60_000 }, async () => {
  assert.match(await complaints('wrong'), /20 wrong answers/);
});

test('the hostile load sees handlers that fail', { timeout: 60_000 }, async () => {
  assert.match(await complaints('refuses by mistake'), /20 handlers failed with GET ERR_ISTHMUS_CANNOT_RUN/);
});

test('the hostile load sees a server that dies', { timeout: 60_000 }, async () => {
  assert.match(await complaints('aborts'), /SIGABRT/);
});

test('the hostile load sees a server that keeps spinning', { timeout: 90_000 }, async () => {
  assert.match(await complaints('spins from now on'), /the idle server's loop is busy/);
});
