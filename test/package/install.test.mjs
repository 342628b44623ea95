/**
 * The package as a user gets it: packed, installed from the tarball into an empty folder, with a C++ compiler and
 * without one, and used from ES modules and from CommonJS on every Node line.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lines } from '../lines/lines.mjs';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const limit = { timeout: 120_000 };

const oneWait = `
  import { canRun, run } from 'isthmus';
  console.log(run(new Promise((resolve) => setTimeout(resolve, 5, 'ok'))), canRun().how);
`;
const askWhy = `
  import { canRun, run } from 'isthmus';
  const { how, why } = canRun();
  let code;
  try { run(new Promise((resolve) => setTimeout(resolve, 5))); } catch (error) { code = error.code; }
  console.log(JSON.stringify({ how, why, code }));
`;
const fromCommonJs = `
  const { run } = require('isthmus');
  console.log(run(new Promise((resolve) => setTimeout(resolve, 5, 'ok'))));
`;
const adapters = `
  import { onCleanBase } from 'isthmus/http';
  for (const name of ['express', 'fastify', 'health', 'hono']) await import('isthmus/' + name);
  console.log(typeof onCleanBase);
`;
const importTime = `
  const started = performance.now();
  await import('isthmus');
  console.log(performance.now() - started);
`;

/** npm's own script, run by this Node: a PATH that holds almost nothing must not decide which npm this is. */
function npmScript() {
  if (process.env.npm_execpath?.endsWith('npm-cli.js')) return process.env.npm_execpath;
  const folders = process.env.PATH.split(':').map((folder) => join(folder, 'npm'));
  return folders.find((file) => existsSync(file));
}

describe('the packed package', () => {
  const temp = mkdtempSync(join(tmpdir(), 'isthmus-package-'));
  let tarball;
  let withCompiler;

  const npm = (args, cwd, env = {}) =>
    execute(process.execPath, [npmScript(), ...args], { cwd, env: { ...process.env, ...env }, ...limit });

  const evaluate = async (execPath, folder, type, code) => {
    const options = { cwd: folder, ...limit };
    const { stdout, stderr } = await execute(execPath, [`--input-type=${type}`, '--eval', code], options);
    return { stdout: stdout.trim(), stderr: stderr.trim() };
  };

  /** An empty project with the tarball installed; offline, because the package depends on nothing. */
  async function installInto(name, env) {
    const folder = join(temp, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    await npm(['install', tarball, '--offline', '--no-audit', '--no-fund', '--no-package-lock'], folder, env);
    return folder;
  }

  /** A folder for PATH that holds node and a shell, which npm needs, and nothing else. */
  function barePath() {
    const folder = join(temp, 'bin');
    mkdirSync(folder);
    symlinkSync(process.execPath, join(folder, 'node'));
    symlinkSync('/bin/sh', join(folder, 'sh'));
    return folder;
  }

  before(async () => {
    const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', temp], root);
    tarball = join(temp, JSON.parse(stdout)[0].filename);
    withCompiler = await installInto('with-compiler');
  }, limit);

  after(() => rmSync(temp, { recursive: true, force: true }));

  test('holds what it needs and nothing of the house', limit, async () => {
    const { stdout } = await execute('tar', ['-tzf', tarball], limit);
    const paths = stdout.trim().split('\n');
    for (const path of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/web/fastify.js',
      'dist/web/fastify.d.ts',
      'dist/web/received.js',
      'dist/web/standard.js',
      'native/pump.cc',
      'scripts/native.mjs',
      'LICENSE',
    ]) {
      assert.ok(paths.includes(`package/${path}`), `${path} is missing`);
    }
    const folders = new Set(paths.map((path) => path.split('/').slice(1, -1)[0] ?? ''));
    for (const folder of ['src', 'test', 'bench', 'examples', 'node_modules', 'coverage']) {
      assert.ok(!folders.has(folder), `${folder}/ must stay at home`);
    }
    assert.deepEqual(
      paths.filter((path) => path.startsWith('package/native/build')),
      [],
    );
  });

  test('with a compiler, it is built on the spot and waits', limit, async () => {
    assert.equal((await evaluate(process.execPath, withCompiler, 'module', oneWait)).stdout, 'ok loop');
  });

  test('the adapters are there, and need no framework to be imported', limit, async () => {
    assert.equal((await evaluate(process.execPath, withCompiler, 'module', adapters)).stdout, 'function');
  });

  test('with a PATH that holds no compiler, it installs and says what is missing', limit, async () => {
    const { CXX, ...env } = process.env;
    const folder = await installInto('no-compiler', { ...env, CXX: '', PATH: barePath() });
    const answer = JSON.parse((await evaluate(process.execPath, folder, 'module', askWhy)).stdout);
    assert.equal(answer.how, 'none');
    assert.match(answer.why, /no C\+\+ compiler/);
    assert.equal(answer.code, 'ERR_ISTHMUS_CANNOT_RUN');
  });

  test('with a CXX that cannot be run, it installs and names it', limit, async () => {
    const folder = await installInto('broken-cxx', { CXX: '/nonexistent' });
    const answer = JSON.parse((await evaluate(process.execPath, folder, 'module', askWhy)).stdout);
    assert.equal(answer.how, 'none');
    assert.match(answer.why, /CXX.*\/nonexistent/);
    assert.equal(answer.code, 'ERR_ISTHMUS_CANNOT_RUN');
  });

  test('without install scripts, it installs and says that they did not run', limit, async () => {
    const folder = await installInto('no-scripts', { npm_config_ignore_scripts: 'true' });
    const answer = JSON.parse((await evaluate(process.execPath, folder, 'module', askWhy)).stdout);
    assert.equal(answer.how, 'none');
    assert.match(answer.why, /script/);
    assert.equal(answer.code, 'ERR_ISTHMUS_CANNOT_RUN');
  });

  test('where Node came without its headers, the build says so and ends well', limit, async () => {
    const folder = await installInto('no-headers', { npm_config_ignore_scripts: 'true' });
    const lonely = join(temp, 'lonely', 'bin', 'node');
    mkdirSync(join(temp, 'lonely', 'bin'), { recursive: true });
    copyFileSync(process.execPath, lonely);
    const installed = join(folder, 'node_modules', 'isthmus');
    const { npm_config_nodedir, ...env } = process.env;
    const build = join(installed, 'scripts', 'native.mjs');
    await execute(lonely, [build, '--optional'], { env, ...limit });
    const { why } = JSON.parse(readFileSync(join(installed, 'native', 'build', 'why.json'), 'utf8'));
    assert.match(why, /no node_api\.h and uv\.h/);
    await assert.rejects(execute(lonely, [build], { env, ...limit }), { code: 1 });
  });

  for (const { line, execPath, skip } of lines) {
    test(`Node ${line}: import and require give the same run, from the binary built once`, {
      ...limit,
      skip,
    }, async (t) => {
      assert.equal((await evaluate(execPath, withCompiler, 'module', oneWait)).stdout, 'ok loop');
      const required = await evaluate(execPath, withCompiler, 'commonjs', fromCommonJs);
      assert.deepEqual(required, { stdout: 'ok', stderr: '' });
      const times = [];
      while (times.length < 5) {
        times.push(Number((await evaluate(execPath, withCompiler, 'module', importTime)).stdout));
      }
      const [best, , median] = times.sort((a, b) => a - b);
      assert.ok(best > 0);
      t.diagnostic(
        `Node ${line} imports it in ${median.toFixed(1)} ms (median of 5 processes, best ${best.toFixed(1)})`,
      );
    });
  }
});
