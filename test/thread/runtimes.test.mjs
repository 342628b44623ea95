// The same program under Node, Bun and Deno. Where a runtime differs, the difference is written down here.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { root } from '../run/script.mjs';

const limit = { timeout: 180_000 };
const folder = mkdtempSync(join(tmpdir(), 'isthmus-runtimes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const file = fileURLToPath(new URL('runtime-script.mjs', import.meta.url));
const inRuntimes = (path) => join(root, 'test', 'runtimes', 'node_modules', path);

/** What every runtime does; a `cause` is compared only where it is given. */
const expected = {
  result: { value: 3 },
  function: { value: 3 },
  async: { value: 3 },
  values: { value: [7, true, true, true, true, 5] },
  buffer: { value: true },
  large: { value: 7_000_000 },
  'large string': { value: 200_000 },
  error: { value: [true, 'failed', 'E_MINE', 'inner'] },
  callback: { value: 100 },
  'callback throws': { code: 'E_HERE' },
  deadlock: { code: 'ERR_ISTHMUS_DEADLOCK' },
  'uncloneable argument': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'uncloneable result': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'missing module': { code: 'ERR_ISTHMUS_LOAD' },
  'missing export': { code: 'ERR_ISTHMUS_NO_ADDRESS' },
  'after these': { value: 7 },
  timeout: { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after a timeout': { value: 11 },
  'timeout of a spin': { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after a spin': { value: 12 },
  exit: { code: 'ERR_ISTHMUS_THREAD_DIED' },
  'after an exit': { value: 15 },
  crash: { code: 'ERR_ISTHMUS_THREAD_DIED', cause: 'stray' },
  'after a crash': { value: 19 },
  signal: { value: [true, true] },
  'exit again': { code: 'ERR_ISTHMUS_THREAD_DIED' },
  'never settles': { code: 'ERR_ISTHMUS_TIMEOUT' },
  each: { value: [0, 1, 2] },
  'each, left early': { value: 2 },
  'a source': { code: 'ERR_ISTHMUS_CANNOT_RUN' },
  'a signal': { value: [false, true, 'enough'] },
  'a class': { value: [true, 4] },
  context: { value: 'ada' },
  face: { value: [2, ['x', 'y'], 'list'] },
  many: { value: 125_250 },
};

/** What Node alone can do. */
const onNode = {
  // Elsewhere a worker does not say that nothing is left to do: there a timeout ends the call.
  'never settles': { code: 'ERR_ISTHMUS_NEVER_SETTLES' },
  // The source is on the sleeping thread, whose loop has to be re-entered for each step.
  'a source': { value: 6 },
};

const runtimes = {
  Node: { execPath: process.execPath, args: [file], differs: { ...onNode } },
  Bun: { execPath: inRuntimes('@oven/bun-linux-x64/bin/bun'), args: [file], differs: {} },
  Deno: {
    execPath: inRuntimes('@deno/linux-x64-glibc/deno'),
    args: ['run', '--allow-all', '--no-config', file],
    differs: {
      // Deno has no inspector and lists no ES modules, so nobody can say where a function comes from.
      function: { code: 'ERR_ISTHMUS_NO_ADDRESS' },
    },
  },
};

for (const [runtime, { execPath, args, differs }] of Object.entries(runtimes)) {
  const skip =
    !existsSync(execPath) && `${runtime} is not installed in test/runtimes: its package is for linux-x64`;
  test(runtime, { ...limit, skip }, async () => {
    const env = { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' };
    const { code, signal, stdout, stderr, timedOut } = await runChild(execPath, args, {
      limit: 120_000,
      env,
      cwd: folder,
    });
    const printed = stdout.trimEnd().split('\n');
    assert.ok(!timedOut, `it hangs after ${printed.at(-1)}`);
    assert.equal(printed.pop(), 'end', `${stdout}${stderr}`);
    const seen = Object.fromEntries(printed.map(JSON.parse).map(({ name, ...rest }) => [name, rest]));
    assert.deepEqual(Object.keys(seen), Object.keys(expected));
    for (const [name, outcome] of Object.entries({ ...expected, ...differs })) {
      const { cause, ...rest } = seen[name];
      assert.deepEqual('cause' in outcome ? { ...rest, cause } : rest, outcome, `${name}: ${stderr}`);
    }
    assert.deepEqual([code, signal], [0, null], 'it ends by itself');
  });
}
