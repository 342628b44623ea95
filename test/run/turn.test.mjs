// `turn`: the gate to a clean base. First come first served, by batches, with a line that can be full.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canRun, InvalidArgumentError, LineFullError, run, TimeoutError, turn } from 'isthmus';
import { places } from './script.mjs';

const limit = { timeout: 20_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const { batch, line } = turn.stats();
const restore = () => turn.configure({ batch, line });

test('it continues on a clean base, wherever it was called', limit, async () => {
  for (const start of [queueMicrotask, process.nextTick, setImmediate, setTimeout, (call) => call()]) {
    const base = await new Promise((resolve) => start(() => turn().then(() => resolve(canRun()))));
    assert.deepEqual([base.how, base.base], ['loop', 'turn']);
  }
});

test('first come, first served, whatever the callers do', limit, async () => {
  const order = [];
  const caller = async (i) => {
    await turn();
    order.push(i);
    if (i % 3 === 0) run(later(i % 5));
    if (i % 7 === 0) await later(1);
  };
  await Promise.all(Array.from({ length: 500 }, (_, i) => caller(i)));
  assert.deepEqual(order, [...order.keys()]);
});

test('those who come later do not pass those in line, though they keep coming', limit, async () => {
  const order = [];
  let arriving = true;
  let next = 0;
  const arrive = () => {
    const own = next++;
    turn().then(() => {
      order.push(own);
      run(later(1));
    });
    if (arriving) setTimeout(arrive, 0);
  };
  for (let i = 0; i < 10; i++) arrive();
  await later(500);
  arriving = false;
  while (turn.stats().waiting + turn.stats().next > 0) await later(10);
  await later(20);
  assert.equal(order.length, next);
  assert.deepEqual(order, [...order.keys()]);
});

test('a batch lets in no more than it says, and one batch follows another', limit, async (t) => {
  t.after(restore);
  turn.configure({ batch: 3 });
  const before = turn.stats();
  let together = 0;
  let most = 0;
  const caller = async () => {
    await turn();
    most = Math.max(most, ++together);
    run(later(5));
    together--;
  };
  await Promise.all(Array.from({ length: 10 }, caller));
  const after = turn.stats();
  assert.equal(after.batch, 3);
  assert.ok(most <= 3, `${most} at once`);
  assert.deepEqual([after.batches - before.batches, after.admitted - before.admitted], [4, 10]);
  assert.ok(after.longestWaitMs > 5);
});

test('a full line refuses by name, and those in line come in', limit, async (t) => {
  t.after(restore);
  turn.configure({ line: 4 });
  const before = turn.stats();
  const results = await Promise.allSettled(Array.from({ length: 7 }, () => turn()));
  assert.deepEqual(
    results.map(({ status }) => status),
    [...new Array(4).fill('fulfilled'), ...new Array(3).fill('rejected')],
  );
  for (const { reason } of results.slice(4)) {
    assert.ok(reason instanceof LineFullError);
    assert.equal(reason.code, 'ERR_ISTHMUS_LINE_FULL');
    assert.match(reason.message, /4 callers.*turn\.configure\(\{ line: 8 \}\)/);
  }
  const after = turn.stats();
  assert.deepEqual([after.refused - before.refused, after.admitted - before.admitted, after.line], [3, 4, 4]);
  await turn();
});

test('a caller leaves the line by its signal or timeout, and the others come in', limit, async () => {
  const controller = new AbortController();
  const order = [];
  await turn();
  const before = turn.stats();
  // Nobody is let in while this batch stands.
  const first = turn().then(() => order.push('first'));
  const aborted = turn({ signal: controller.signal }).then(() => order.push('aborted'));
  const timedOut = turn({ timeout: 10 }).then(() => order.push('timed out'));
  const last = turn({ timeout: 10_000, signal: AbortSignal.timeout(10_000) }).then(() => order.push('last'));
  const outcomes = Promise.allSettled([first, aborted, timedOut, last]);
  setTimeout(() => controller.abort('left'), 5);
  run(later(60));
  assert.deepEqual(order, []);
  const [, { reason }, late] = await outcomes;
  assert.equal(reason, 'left');
  assert.ok(late.reason instanceof TimeoutError, String(late.reason));
  assert.match(late.reason.message, /turn\(\).*10 ms/);
  assert.deepEqual(order, ['first', 'last']);
  assert.equal(turn.stats().admitted - before.admitted, 2, 'who has left takes no place');
});

test('a signal that is aborted already is thrown, and nobody stands in line', limit, async () => {
  const before = turn.stats();
  await assert.rejects(turn({ signal: AbortSignal.abort('before') }), (reason) => reason === 'before');
  assert.equal(turn.stats().waiting, before.waiting);
});

test('what is no option or limit is refused by name, and changes nothing', limit, async () => {
  for (const options of [5, null, { timeout: -1 }, { signal: {} }, { Timeout: 1 }]) {
    await assert.rejects(turn(options), InvalidArgumentError);
  }
  const changes = [
    { batch: 0 },
    { batch: 1.5 },
    { batch: '3' },
    { line: -1 },
    { line: Number.NaN },
    { lines: 5 },
    { line: null },
  ];
  for (const change of [...changes, { batch: 5, line: 0 }, null, undefined, 7]) {
    assert.throws(() => turn.configure(change), InvalidArgumentError, JSON.stringify(change));
  }
  const { batch: batchNow, line: lineNow } = turn.stats();
  assert.deepEqual([batchNow, lineNow], [batch, line]);
  await turn();
});

const scripts = {
  'turn() inside run() in a plain script': "console.log(run(async () => { await turn(); return 'in'; }));",
  'turn() inside run() inside turn()':
    "await turn(); console.log(run(async () => { await turn(); return 'in'; }));",
  'turn() inside run(), three deep': `
    const dive = async (n) => { await turn(); return n === 0 ? 'in' : run(() => dive(n - 1)); };
    console.log(run(() => dive(3)));`,
  'many turn()s inside run()': `
    const work = async () => { await turn(); return run(later(1, 1)); };
    const got = run(Promise.all(Array.from({ length: 200 }, work)));
    console.log(got.length === 200 ? 'in' : got);`,
  'turn() of each of a batch that stands in line behind the others': `
    turn.configure({ batch: 2 });
    const ticking = setInterval(() => {}, 20);
    const inner = async () => { await turn(); return 'in'; };
    const outer = async () => { await turn(); return run(inner()); };
    console.log([...new Set(await Promise.all(Array.from({ length: 7 }, outer)))].join());
    clearInterval(ticking);`,
  'turn() by itself, with nothing else to keep the process': "await turn(); console.log('in');",
};
for (const [place, play] of Object.entries(places)) {
  for (const [title, script] of Object.entries(scripts)) {
    test(`${title} goes on in ${place}`, limit, async () => {
      assert.equal(await play(script, { limit: 15_000 }), 'in\n');
    });
  }
}
