// Where no inspector answers: what is found by identity, and that the rest is refused by name.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { file } from './built.mjs';

const limit = { timeout: 30_000 };
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const script = at('fixtures/elsewhere.mjs');
const env = { ...process.env, ISTHMUS_TASK: pathToFileURL(file).href, NO_COLOR: '1' };
const none = 'ERR_ISTHMUS_NO_ADDRESS';
const places = {
  Bun: {
    execPath: at('../runtimes/node_modules/@oven/bun-linux-x64/bin/bun'),
    args: [],
    expected: { twice: 'twice', named: 'named', closure: none, builtin: 'readFileSync', source: none },
  },
  Deno: {
    execPath: at('../runtimes/node_modules/@deno/linux-x64-glibc/deno'),
    args: ['run', '-A'],
    expected: { twice: none, named: 'named', closure: none, builtin: 'readFileSync', source: none },
  },
  "Node's permissions": {
    execPath: process.execPath,
    args: [
      Number.parseInt(process.versions.node, 10) < 22 ? '--experimental-permission' : '--permission',
      '--allow-fs-read=*',
    ],
    expected: { twice: none, named: 'named', closure: none, builtin: 'readFileSync', source: none },
  },
};

for (const [name, { execPath, args, expected }] of Object.entries(places)) {
  test(name, { ...limit, skip: !existsSync(execPath) && `${execPath} is not installed` }, () => {
    const output = execFileSync(execPath, [...args, script], { env, timeout: 20_000, stdio: 'pipe' });
    assert.deepEqual(JSON.parse(output.toString()), expected);
  });
}
