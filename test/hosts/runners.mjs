// The hosts: which files each one runs, with which command, and how its report is read.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { hostsDir } from './install.mjs';

const { addCases, addFakeClockCases, countCases } = createRequire(import.meta.url)('./specs/cases.cjs');
const cases = countCases(addCases);
const clock = countCases(addFakeClockCases, { ticks: false });
const clockWithTicks = countCases(addFakeClockCases, { ticks: true });

const bin = (...path) => join(hostsDir, 'node_modules', ...path);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

// Each reader gives { passed, failures }, a failure being one printable text.
const readJest = ({ report }) => {
  const { numPassedTests, testResults } = read(report);
  const failures = testResults.flatMap((file) => {
    const bad = file.assertionResults.filter((each) => each.status !== 'passed');
    const texts = bad.map((each) => `${each.fullName}: ${each.status} ${each.failureMessages.join('\n')}`);
    return bad.length === 0 && file.status !== 'passed' ? [file.message] : texts;
  });
  return { passed: numPassedTests, failures };
};

const readMocha = ({ report }) => {
  const { stats, failures } = read(report);
  return { passed: stats.passes, failures: failures.map((each) => `${each.fullTitle}: ${each.err.stack}`) };
};

const readTap = ({ stdout }) => {
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1] ?? Number.NaN);
  return { passed, failures: /^\s*not ok/m.test(stdout) ? [stdout] : [] };
};

const vitest = (pool) => ({
  name: `vitest, pool ${pool}`,
  args: (report) => [
    bin('vitest', 'vitest.mjs'),
    ...['run', '--no-cache', `--pool=${pool}`, '--reporter=json', `--outputFile=${report}`, 'specs/vitest'],
  ],
  read: readJest,
  expected: cases + 2 * clock,
});

const jest = (
  name,
  files,
  { flags = ['--experimental-vm-modules'], more = [], expected = cases, ...rest },
) => ({
  name: `jest, ${name}`,
  args: (report) => [
    ...flags,
    bin('jest', 'bin', 'jest.js'),
    ...['--rootDir=.', '--testMatch', `**/specs/${files}`, '--json', `--outputFile=${report}`, ...more],
  ],
  read: readJest,
  expected,
  ...rest,
});

const mocha = (name, files, expected) => ({
  name: `mocha, ${name}`,
  args: (report) => [
    bin('mocha', 'bin', 'mocha.js'),
    ...['--reporter=json', '--reporter-option', `output=${report}`, ...files.map((file) => `specs/${file}`)],
  ],
  read: readMocha,
  expected,
});

const ava = (name, flags) => ({
  name: `ava, ${name}`,
  args: () => [bin('ava', 'entrypoints', 'cli.mjs'), '--tap', ...flags],
  read: readTap,
  expected: cases,
});

const nodeTest = (name, files, expected) => ({
  name: `node:test, ${name}`,
  args: () => ['--test', '--test-reporter=tap', ...files.map((file) => `specs/${file}`)],
  read: readTap,
  expected,
});

const esm = ['spec.mjs', 'clock.spec.mjs', 'clock-first.spec.mjs'];

export const hosts = [
  vitest('threads'),
  vitest('forks'),
  vitest('vmThreads'),
  jest('ES modules in one process', 'jest.*spec.mjs', { more: ['--runInBand'], expected: cases + 2 * clock }),
  jest('ES modules in forks', 'jest.*spec.mjs', { more: ['--maxWorkers=2'], expected: cases + 2 * clock }),
  jest('ES modules in threads', 'jest.*spec.mjs', {
    more: ['--maxWorkers=2', '--workerThreads'],
    expected: cases + 2 * clock,
  }),
  jest('CommonJS with import()', 'jest-import.spec.cjs', {}),
  jest('CommonJS with require', 'jest-require.spec.cjs', {
    refused: { below: [24, 9], by: /Must use import to load ES Module/ },
  }),
  jest('without flags, given by its environment', 'jest-given.spec.cjs', {
    flags: [],
    more: ['--env=./specs/jest-given.environment.mjs'],
  }),
  mocha('ES modules', ['mocha.spec.mjs', 'mocha.clock.spec.mjs'], cases + clock + clockWithTicks),
  mocha('CommonJS', ['mocha.require.spec.cjs'], cases),
  ava('threads', []),
  ava('processes', ['--no-worker-threads']),
  nodeTest(
    'ES modules',
    esm.map((file) => `node.${file}`),
    cases + 2 * clock,
  ),
  nodeTest('CommonJS', ['node.require.spec.cjs'], cases),
];
