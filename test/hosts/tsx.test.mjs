// TypeScript that has to be compiled, in the service thread and in a pool's too: by the loader that the program runs under.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from '../lines/lines.mjs';
import { runChild } from './child.mjs';
import { hostsDir, installPackages } from './install.mjs';

const folder = join(hostsDir, 'tsx');
installPackages(folder);
const limit = 60_000;
const run = (command, args) => runChild(command, args, { cwd: folder, limit });

for (const { line, execPath, skip } of lines) {
  const ways = {
    '--import': [execPath, ['--import', 'tsx', 'main.ts']],
    NODE_OPTIONS: ['/bin/sh', ['-c', 'NODE_OPTIONS=--import=tsx exec "$0" main.ts', execPath]],
    'its command': [execPath, [join('node_modules', 'tsx', 'dist', 'cli.mjs'), 'main.ts']],
  };
  for (const [way, [command, args]] of Object.entries(ways)) {
    test(`under tsx by ${way}, Node ${line}`, { timeout: limit + 10_000, skip }, async () => {
      const { code, stdout, stderr } = await run(command, args);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stdout.trim(), '[3,"8 m",7]', stderr);
    });
  }
  test(`without a loader the error says what to do, Node ${line}`, {
    timeout: limit + 10_000,
    skip,
  }, async () => {
    const script = `
      import { runInThread, toThread } from '../../../dist/index.js';
      const module = new URL('file://' + process.cwd() + '/functions.ts').href;
      const tell = (error) => console.log(error.code, error.message);
      try { runInThread({ module, name: 'add' }, 1, 2); } catch (error) { tell(error); }
      await toThread({ module, name: 'add' }, 1, 2).catch(tell);`;
    const { stdout, stderr } = await run(execPath, ['--input-type=module', '--eval', script]);
    const told = stdout.match(/^ERR_ISTHMUS_LOAD .*functions\.ts could not be imported.*--import tsx$/gm);
    assert.equal(told?.length, 2, stdout + stderr);
  });
}
