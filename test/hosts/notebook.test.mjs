// A real notebook, executed headless by Jupyter with the TypeScript kernel tslab, against isthmus as it installs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanEnv, runChild } from './child.mjs';
import { hostsDir, installIsthmus, installPackages } from './install.mjs';
import { chosenLines } from './lines.mjs';

// Debian's, never one of another Python that comes first on the PATH.
const python = '/usr/bin/python3';
const kernel = join(hostsDir, 'notebook');
const work = join(hostsDir, '.work', 'notebook');
const limit = 90_000;

const expected = {
  start: 'listening true\n',
  fetch: 'page /hello\n',
  await: 'page /awaited | page /after\n',
  each: 'page /1\npage /2\npage /3\n',
  callback: 'page /a, page /b, page /c\n',
  error: 'ERR_ISTHMUS_TIMEOUT\nand the next call works\n',
  close: 'closed\n',
};

function missing() {
  const found = spawnSync(python, ['-c', 'import nbclient, nbconvert, jupyter_client'], { env: cleanEnv() });
  if (found.status === 0) return false;
  return "Debian's packages jupyter-nbconvert jupyter-client python3-nbclient are not installed";
}

/** Jupyter's folders, all inside `work`, so that nothing is left in the user's home. */
function folders() {
  const inside = (name) => join(work, 'jupyter', name);
  return {
    HOME: inside('home'),
    IPYTHONDIR: inside('ipython'),
    JUPYTER_CONFIG_DIR: inside('config'),
    JUPYTER_DATA_DIR: inside('data'),
    JUPYTER_RUNTIME_DIR: inside('runtime'),
  };
}

function prepare() {
  installPackages(kernel);
  rmSync(work, { recursive: true, force: true });
  installIsthmus(work);
  symlinkSync(join(kernel, 'node_modules', '@types'), join(work, 'node_modules', '@types'));
  copyFileSync(join(kernel, 'first.ipynb'), join(work, 'first.ipynb'));
}

// What `tslab install` writes, but for one Node line and without needing IPython.
function useKernel(node) {
  const spec = join(folders().JUPYTER_DATA_DIR, 'kernels', 'tslab');
  const tslab = join(kernel, 'node_modules', 'tslab', 'bin', 'tslab');
  const argv = [node, tslab, 'kernel', '--config-path', '{connection_file}'];
  mkdirSync(spec, { recursive: true });
  writeFileSync(
    join(spec, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'TypeScript', language: 'typescript' }),
  );
}

const textOf = (cell) =>
  cell.outputs.map((output) => [output.text ?? output.traceback].flat().join('')).join('');

const skip = missing();
if (skip) console.log(`notebook: skipped, ${skip}`);
else prepare();

for (const line of chosenLines()) {
  test(`first.ipynb on Node ${line.version}`, { skip, timeout: limit + 10_000 }, async () => {
    useKernel(line.node);
    const args = [
      '-m',
      'nbconvert',
      '--to',
      'notebook',
      '--execute',
      '--allow-errors',
      '--output',
      'executed.ipynb',
    ];
    const done = await runChild(python, [...args, 'first.ipynb'], { cwd: work, env: folders(), limit });
    assert.equal(done.timedOut, false, `killed after ${limit} ms:\n${done.stderr}`);
    assert.equal(done.code, 0, done.stderr);
    const { cells } = JSON.parse(readFileSync(join(work, 'executed.ipynb'), 'utf8'));
    const code = cells.filter((cell) => cell.cell_type === 'code');
    assert.deepEqual(Object.fromEntries(code.map((cell) => [cell.id, textOf(cell)])), expected);
    for (const cell of code) {
      const streams = cell.outputs.map((output) => output.name);
      assert.ok(
        streams.every((name) => name === 'stdout'),
        `${cell.id} wrote to ${streams}`,
      );
    }
    console.log(`tslab, Node ${line.version}: ${code.length} cells executed, ${done.ms.toFixed(0)} ms`);
  });
}
