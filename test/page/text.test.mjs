// `npm start -- --text`: the same numbers without a browser.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from '../lines/lines.mjs';
import { launch, limit, main, missing, printed, root } from './kit.mjs';

const brief = ['--text', '--seconds', '0.5', '--clients', '8'];
const number = '(\\d+(?:\\.\\d)? m?s)';
const ways = {
  Naive: 'the event loop',
  toThread: '\\d threads?',
  Automatic: '\\d threads?',
  'Bound function': '\\d threads?',
  'Process pool': '\\d process(?:es)?',
  run: 'the loop, re-entered and \\d threads?',
};

/** Every way has its row, with numbers in it. */
function assertTable(out, shown = ways) {
  assert.match(out, /^8 clients ask to hash a password, 0\.5 s each way\./m);
  for (const [title, place] of Object.entries(shown)) {
    const row = new RegExp(
      `^${title} +[\\d.]+ +${number} +(?:${number}|–) +${number} +(?:${number}|–)   ${place}$`,
      'm',
    );
    assert.match(out, row, title);
  }
  assert.match(out, /^With the naive handler \/ping waited up to /m);
}

test('npm start -- --text ends by itself with a table', { ...limit, skip: missing }, async (scope) => {
  const script = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start;
  const program = launch(scope, 'sh', ['-c', `${script} ${brief.join(' ')}`]);
  assert.equal(await program.exited, 0, program.err);
  assert.equal(program.err, '');
  assertTable(program.out);
  assert.ok(!program.out.includes('\x1b'), 'plain text when piped');
  const wide = program.out.split('\n').filter((line) => [...line].length > 110);
  assert.deepEqual(wide, []);
});

for (const { line, execPath, skip } of lines) {
  test(`--text on Node ${line}`, { ...limit, skip: skip || missing }, async (scope) => {
    const program = launch(scope, execPath, [main, ...brief]);
    assert.equal(await program.exited, 0, program.err);
    assertTable(program.out);
  });
}

test('without the pump the way that needs it is missed by name', {
  ...limit,
  skip: missing,
}, async (scope) => {
  const program = launch(scope, process.execPath, [main, ...brief], { ISTHMUS_PUMP: 'off' });
  assert.equal(await program.exited, 0, program.err);
  const { run, ...others } = ways;
  assertTable(program.out, others);
  assert.match(program.out, /^run +– .*not here: .*ISTHMUS_PUMP is "off"$/m);
});

test('interrupted, it ends with 130 and without a table', { ...limit, skip: missing }, async (scope) => {
  const program = launch(scope, process.execPath, [main, '--text', '--seconds', '600']);
  await printed(program, /^\(no clients\).*$/m);
  program.child.kill('SIGINT');
  assert.equal(await program.exited, 130);
  assert.doesNotMatch(program.out, /With the naive handler/);
});

const noTerminal =
  spawnSync('script', ['--version']).status !== 0 && 'there is no `script` to open a terminal with';

test('at a terminal one line is overwritten meanwhile', {
  ...limit,
  skip: missing || noTerminal,
}, async (scope) => {
  const command = [process.execPath, main, ...brief].map((word) => `'${word}'`).join(' ');
  const program = launch(scope, 'script', ['-qec', `stty cols 100; ${command}`, '/dev/null'], {
    TERM: 'xterm',
  });
  assert.equal(await program.exited, 0, program.out);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what overwrites a line.
  assert.match(program.out, /\r\x1b\[2K2\/7 {2}(8 clients|The loop is blocked)/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  assertTable(program.out.replace(/[^\n]*\r\x1b\[2K/g, '').replaceAll('\r', ''));
});
