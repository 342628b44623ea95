// Calls nested in calls: 300 levels work in every shape; past the stack comes a named error, and the process is sound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places } from './script.mjs';

const limit = { timeout: 90_000 };

// Each `dive(n)` nests n calls and gives n. Work that was started before its caller was refused goes on by itself, so
// that from the first refusal on every dive ends at once.
const common = `
let refusal;
let deepest = 0;
const guard = (n, next) => {
  if (n === 0 || refusal !== undefined) return 0;
  deepest = Math.max(deepest, run.stats().depth);
  try {
    return 1 + next();
  } catch (error) {
    refusal ??= error;
    throw error;
  }
};
const start = (schedule, work) => new Promise((resolve, reject) => schedule(() => {
  try { resolve(work()); } catch (error) { reject(error); }
}));
`;
const shapes = {
  microtasks: 'const dive = (n) => guard(n, () => run(Promise.resolve().then(() => dive(n - 1))));',
  timers:
    'const dive = (n) => guard(n, () => run(start((callback) => setTimeout(callback, 1), () => dive(n - 1))));',
  immediates: 'const dive = (n) => guard(n, () => run(start(setImmediate, () => dive(n - 1))));',
  ticks: 'const dive = (n) => guard(n, () => run(start(process.nextTick, () => dive(n - 1))));',
  'async functions that wait': `
    const wait = async (n) => { await later(1); return dive(n); };
    const dive = (n) => guard(n, () => run(() => wait(n - 1)));`,
  'settled work': `
    const settled = async (n) => { await null; return dive(n); };
    const dive = (n) => guard(n, () => run(settled(n - 1)));`,
};

const sound = `
const { readFile } = await import('node:fs/promises');
const { createServer } = await import('node:http');
const isSound = () => {
  assert.equal(run(later(5, 'timer')), 'timer');
  assert.ok(run(readFile('package.json')).length > 0);
  const server = createServer((request, response) => response.end('page'));
  run(new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const page = run(async () => (await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })).text());
  run(new Promise((resolve) => server.close(resolve)));
  assert.equal(page, 'page');
  assert.equal(run.stats().depth, 0);
};
`;

for (const [place, run] of Object.entries(places)) {
  for (const [shape, dive] of Object.entries(shapes)) {
    test(`300 levels of ${shape} in ${place}`, limit, async () => {
      const script = `console.log(dive(300), run.stats().maxDepth, dive(300), run.stats().depth);`;
      const [first, maxDepth, second, depth] = (await run(common + dive + script))
        .trim()
        .split(' ')
        .map(Number);
      assert.deepEqual([first, second, depth], [300, 300, 0]);
      // Work that settles without a turn of the loop does not count as waiting.
      if (!['ticks', 'microtasks', 'settled work'].includes(shape)) assert.equal(maxDepth, 300);
    });

    test(
      `past the stack ${shape} are refused by name in ${place}, which is sound afterwards`,
      limit,
      async () => {
        const script = `
        let caught;
        try { dive(100_000); } catch (error) { caught = error; }
        assert.ok(refusal !== undefined, 'nothing was refused');
        assert.equal(refusal.code, 'ERR_ISTHMUS_TOO_DEEP', refusal.stack);
        // Its own, or that of a level above it which had no room left either to look at the rejection.
        assert.equal(caught?.code, 'ERR_ISTHMUS_TOO_DEEP', caught?.stack);
        const levels = Number(/nested (\\d+) levels/.exec(refusal.message)[1]);
        assert.ok(levels >= 300, refusal.message);
        isSound();
        refusal = undefined;
        assert.equal(dive(300), 300);
        isSound();
        console.log('sound');`;
        assert.equal(await run(common + sound + dive + script), 'sound\n');
      },
    );
  }

  test(
    `a refused level in ${place} can be caught at its own level, and the others go on`,
    limit,
    async () => {
      const script = `
      const dive = (n) => {
        if (n === 0) return 'bottom';
        try { return run(start((callback) => setTimeout(callback, 0), () => dive(n - 1))); }
        catch (error) { refusal ??= error; return 'refused here'; }
      };
      assert.equal(dive(100_000), 'refused here');
      assert.equal(refusal.code, 'ERR_ISTHMUS_TOO_DEEP');
      console.log(run(later(5, 'next')));
      process.exit();`;
      assert.equal(await run(common + script), 'next\n');
    },
  );
}
