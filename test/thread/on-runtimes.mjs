// Runs one program under Node, Bun and Deno, and compares what it prints: a JSON line for each thing that it tries.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runChild } from '../hosts/child.mjs';
import { root } from '../run/script.mjs';

const limit = { timeout: 180_000 };
const inRuntimes = (path) => join(root, 'test', 'runtimes', 'node_modules', path);
const runtimes = {
  Node: { execPath: process.execPath, args: [] },
  Bun: { execPath: inRuntimes('@oven/bun-linux-x64/bin/bun'), args: [] },
  Deno: {
    execPath: inRuntimes('@deno/linux-x64-glibc/deno'),
    args: ['run', '--allow-all', '--no-config'],
  },
};

/**
 * `expected` by name; a `cause` is compared only where it is given. `differs`: the same by runtime, where it does. `more` is for
 * the program's environment; `argsOf` has the arguments of a runtime that needs others.
 */
export function onRuntimes(file, expected, differs, more = {}, argsOf = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-runtimes-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [runtime, { execPath, args }] of Object.entries(runtimes)) {
    const skip =
      !existsSync(execPath) && `${runtime} is not installed in test/runtimes: its package is for linux-x64`;
    test([runtime, ...Object.values(more)].join(', '), { ...limit, skip }, async () => {
      const env = { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', ...more };
      const { code, signal, stdout, stderr, timedOut } = await runChild(
        execPath,
        [...(argsOf[runtime] ?? args), file],
        {
          limit: 120_000,
          env,
          cwd: folder,
        },
      );
      const printed = stdout.trimEnd().split('\n');
      assert.ok(!timedOut, `it hangs after ${printed.at(-1)}`);
      assert.equal(printed.pop(), 'end', `${stdout}${stderr}`);
      const seen = Object.fromEntries(printed.map(JSON.parse).map(({ name, ...rest }) => [name, rest]));
      assert.deepEqual(Object.keys(seen), Object.keys(expected));
      for (const [name, outcome] of Object.entries({ ...expected, ...differs[runtime] })) {
        const { cause, ...rest } = seen[name];
        assert.deepEqual('cause' in outcome ? { ...rest, cause } : rest, outcome, `${name}: ${stderr}`);
      }
      assert.deepEqual([code, signal], [0, null], 'it ends by itself');
    });
  }
}
