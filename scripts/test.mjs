/**
 * `npm test`: makes the house ready, then lint, type tests, and every test/**\/*.test.mjs on the built code, with
 * coverage of what ran. Nothing stops at the first failure; the exit code tells of all.
 *
 *   npm test                    everything
 *   npm test -- run/ failure    only the test files whose path holds one of these words; no lint, no coverage
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready } from './ready.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const coverage = join(root, 'coverage', 'tmp');

/** Each test has a limit of its own; this one is for a file that cannot keep it, because its thread is stuck. */
const fileLimit = 15 * 60_000;

const say = (line) => console.log(`isthmus: ${line}`);

function execute(command, args, env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  if (error) say(error.message);
  if (signal) say(`${args[0]} was ended by ${signal}`);
  return status === 0;
}

function check(name, command, args) {
  const started = performance.now();
  const passed = execute(process.execPath, [join(root, 'node_modules', ...command), ...args]);
  say(`${name}: ${passed ? 'passed' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return passed;
}

/** Packages below test/ and examples/ that have dependencies of their own, kept out of the root to keep it light. */
function testPackages() {
  return ['test', 'examples']
    .flatMap((place) => readdirSync(join(root, place)).map((name) => `${place}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package-lock.json')))
    .filter((folder) => {
      if (folder !== 'test/lines' || `${process.platform}-${process.arch}` === 'linux-x64') return true;
      say(
        `only this Node line is tested: the others come as packages for linux-x64, and this is ${process.arch}`,
      );
      return false;
    });
}

/** Every file below a folder of the repository, but for what npm and git keep. */
function* walk(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield path;
    else if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* walk(path);
  }
}

function testFiles(words) {
  return [...walk('test')]
    .filter((path) => path.endsWith('.test.mjs'))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
}

function runTests(files, env) {
  const options = ['--test', '--test-reporter=spec', `--test-timeout=${fileLimit}`];
  return execute(process.execPath, [...options, ...files], env);
}

function printCoverage() {
  const c8 = join(root, 'node_modules', 'c8', 'bin', 'c8.js');
  const options = ['--temp-directory', relative(root, coverage), '--reporter=text', '--merge-async'];
  return execute(process.execPath, [c8, 'report', ...options, '--include=dist/**', '--include=src/**']);
}

function testEverything(files) {
  const results = [
    check('lint', ['@biomejs', 'biome', 'bin', 'biome'], ['check', '--error-on-warnings', '.']),
    check('type tests', ['typescript', 'bin', 'tsc'], ['-p', 'test/types']),
    check('type tests of the adapters', ['typescript', 'bin', 'tsc'], ['-p', 'test/web/types']),
  ];
  rmSync(coverage, { recursive: true, force: true });
  results.push(runTests(files, { NODE_V8_COVERAGE: coverage }), printCoverage());
  return results.every(Boolean);
}

try {
  const words = process.argv.slice(2);
  ready({ folders: testPackages(), strict: true });
  const files = testFiles(words);
  if (files.length === 0) throw new Error(`there is no test file for ${words.join(' ')}`);
  const passed = words.length > 0 ? runTests(files) : testEverything(files);
  say(passed ? 'everything passed' : 'something FAILED, see above');
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
