// What `npm run tour` runs, as a child: each stop's checks hold, plain text when piped, and honest without the pump.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { lines } from '../lines/lines.mjs';
import { finish, root } from './child.mjs';

const { tour: script } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts;
const tour = 'examples/tour/tour.mjs';
const timeout = 120_000;

/** What each stop must have shown, in its order; the checks themselves are the stop's own. */
const stops = [
  [/✓ src\/run\/wait\.ts is formatted: \d+ lines/, /✓ the text is the one that await gives/],
  [/✓ (\d+) of \1 pages are right/, /✓ thread 0 both asked and answered/],
  [/✓ found after \d+ chunks?: [\d,]+ of [\d,]+ bytes/, /✓ break destroyed the stream/],
  [
    /✓ 256 of 256 answers are right/,
    /✓ every one stood on a clean base: turn/,
    /✓ let in by \d+ batches of \d+/,
  ],
  [
    /✓ never settles: ERR_ISTHMUS_NEVER_SETTLES/,
    /✓ too late: ERR_ISTHMUS_TIMEOUT/,
    /✓ inside the HTTP parser canRun\(\) says 'none'/,
    /✓ and run\(\) there throws ERR_ISTHMUS_CANNOT_RUN/,
  ],
  [
    /✓ both withdrawals of 70 passed/,
    /held by a call above it/,
    /names who held others.*reentrancy\.mjs:\d+/,
  ],
];
const onThread = [
  /✓ thread \d+ formatted src\/run\/wait\.ts, and called thread 0 back: read, formatted/,
  /✓ nothing else ran on this thread meanwhile/,
  /✓ a class that is there counts to 42/,
  /✓ a thread that dies in the middle of a call: ERR_ISTHMUS_THREAD_DIED after/,
  /path: how 'thread', base '[a-z ]+'; cost: .*\d (ms|µs)/,
];

const onPool = [
  /✓ 6 passwords hashed here: the loop stood still for/,
  /✓ a loop without end: ERR_ISTHMUS_TIMEOUT after/,
  /path: how 'pool', base '2 threads'; cost: .*\d (ms|µs)/,
];

/** The stops that need no pump: the last two. */
function assertOthers(texts) {
  const [thread, pool] = texts.splice(-2);
  assertThread(thread);
  for (const pattern of onPool) assert.match(pool, pattern);
  assert.doesNotMatch(pool, /✗/);
}

function assertThread(text) {
  for (const pattern of onThread) assert.match(text, pattern);
  assert.doesNotMatch(text, /✗/);
}

function stopTexts(out) {
  return out.split(/^\d {2}/m).slice(1);
}

function assertTour({ code, out, err }) {
  assert.equal(code, 0, out + err);
  const texts = stopTexts(out);
  assertOthers(texts);
  assert.equal(texts.length, stops.length, out);
  for (const [i, text] of texts.entries()) {
    for (const pattern of stops[i]) assert.match(text, pattern);
    assert.match(text, /path: how 'loop', base '[a-z ]+'; cost: .*\d (ms|µs)/);
    assert.doesNotMatch(text, /✗/);
  }
  assert.match(out, /All \d+ checks hold/);
}

test('npm run tour shows every stop, with its checks, its path and its cost', { timeout }, async () => {
  const result = await finish(script, [], { shell: true, limit: timeout });
  assertTour(result);
  assert.ok(!result.out.includes('\x1b'), 'plain text when piped');
  const wide = result.out.split('\n').filter((line) => [...line].length > 100);
  assert.deepEqual(wide, [], 'fits 100 columns');
});

for (const { line, execPath, skip } of lines) {
  test(`the tour holds on Node ${line}`, { timeout, skip }, async () => {
    assertTour(await finish(execPath, [tour], { limit: timeout }));
  });
}

test('without the pump it says what is missing', { timeout }, async () => {
  const { code, out, err } = await finish(process.execPath, [tour], { env: { ISTHMUS_PUMP: 'off' } });
  assert.equal(code, 0, out + err);
  assert.equal(err, '');
  const texts = stopTexts(out);
  assertOthers(texts);
  assert.equal(texts.length, stops.length);
  for (const text of texts) assert.match(text, /– not shown: it needs the pump/);
  assert.match(out, /ERR_ISTHMUS_CANNOT_RUN/);
  assert.match(
    out.replace(/\s+/g, ' '),
    /Only what needs no pump could be shown: the environment variable ISTHMUS_PUMP is "off"/,
  );
  assert.doesNotMatch(out, /✓ .*(pages|answers)/);
});

const noTerminal =
  spawnSync('script', ['--version']).status !== 0 && 'there is no `script` to open a terminal with';

test('colours on a terminal, none there with NO_COLOR', { timeout, skip: noTerminal }, async () => {
  const command = `"${process.execPath}" ${tour}`;
  const shown = async (env) => {
    const args = ['-qec', command, '/dev/null'];
    return finish('script', args, { env: { TERM: 'xterm', ISTHMUS_PUMP: 'off', ...env } });
  };
  const coloured = await shown({});
  assert.equal(coloured.code, 0, coloured.out);
  assert.ok(coloured.out.includes('\x1b[1m'));
  const plain = await shown({ NO_COLOR: '1' });
  assert.equal(plain.code, 0, plain.out);
  assert.ok(plain.out.includes('isthmus'));
  assert.ok(!plain.out.includes('\x1b['));
});
