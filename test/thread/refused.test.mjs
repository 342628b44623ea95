// What cannot cross is refused by name, and says what is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInThread } from 'isthmus';
import { play } from '../run/script.mjs';
import { call, caught, limit } from './kit.mjs';
import { throwWithFunction } from './refused.mjs';

test('an error that holds a function keeps what it said', limit, () => {
  const { thrown: error } = caught(() => call(throwWithFunction, 'the real reason'));
  assert.equal(error.code, 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(error.path, 'thrown.cause.clone');
  assert.match(error.message, /^SyntaxError: the real reason .*thrown\.cause\.clone is/);
  assert.equal(error.cause.message, 'the real reason');
  assert.equal(error.cause.name, 'SyntaxError');
  assert.match(error.cause.stack, /refused\.mjs/);
});

test('a Proxy is named by its path', limit, () => {
  const { thrown: error } = caught(() =>
    call({ module: 'node:util', name: 'inspect' }, { x: { y: new Proxy({}, {}) } }),
  );
  assert.equal(error.code, 'ERR_ISTHMUS_UNCLONEABLE');
  assert.equal(error.path, 'args[0].x.y');
});

test('what cannot be moved is an invalid argument', limit, () => {
  const bad = runInThread.with({ transfer: [{}], timeout: 15_000 });
  assert.equal(
    caught(() => bad({ module: 'node:util', name: 'inspect' }, 1)).thrown.code,
    'ERR_ISTHMUS_INVALID_ARGUMENT',
  );
  assert.equal(call({ module: 'node:path', name: 'basename' }, '/a/b'), 'b');
});

test('the entry module is refused by its address too', limit, async () => {
  // Not by the script's own address: it has none.
  const own = new URL('./refused-entry.mjs', import.meta.url);
  const printed = await play(
    `const { spawnSync } = await import('node:child_process');
    const { fileURLToPath } = await import('node:url');
    const child = spawnSync(process.execPath, [fileURLToPath(${JSON.stringify(own.href)})], { encoding: 'utf8', timeout: 15_000 });
    console.log(child.stdout + child.stderr);`,
  );
  assert.equal(printed.trim(), 'runs\nERR_ISTHMUS_NO_ADDRESS');
});
