// Where there is no pump, canRun() says so beforehand, run() refuses by name what it would have to wait for, and
// everything else works.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { canRun, run } from 'isthmus';
import { node, root } from './script.mjs';

const limit = { timeout: 60_000 };
const folder = mkdtempSync(join(tmpdir(), 'isthmus-available-'));
test.after(() => rmSync(folder, { recursive: true }));

/** A copy of the package without its binary; `change` may put something in its place. */
function copy(name, change = () => {}) {
  const to = join(folder, name);
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(to, part), { recursive: true });
  change(to);
  return pathToFileURL(join(to, 'dist', 'index.js')).href;
}

const script = (url) => `
import { canRun, CannotRunError, run, turn } from ${JSON.stringify(url)};
const outcome = (work) => { try { return { value: run(work) }; } catch (error) {
  return { code: error.code, message: error.message, why: error.why, isOurs: error instanceof CannotRunError }; } };
const name = 'then';
const answer = canRun();
await turn();
let timedOut = 'no';
const told = {
  answer,
  plain: run(5),
  made: run(() => 'made'),
  thrown: outcome(() => { throw { code: 'own' }; }).code,
  invalid: outcome.call(null, null).value === null && (() => { try { run(1, { timeout: 'x' }); } catch (error) { return error.code; } })(),
  pending: outcome(new Promise((resolve) => setTimeout(resolve, 5))),
  settled: outcome(Promise.resolve(1)),
  work: outcome(async () => 1),
  thenable: outcome({ [name]: (resolve) => resolve(1) }),
  each: (() => { try { return { value: [...run.each((async function* () {})())] }; } catch (error) { return { code: error.code }; } })(),
  steps: [...run.each([1, 2])],
  waits: run.stats().waits,
  turn: typeof turn.stats().batches,
};
console.log(JSON.stringify(told));
`;

async function ask(start) {
  const { code, stdout, stderr } = await start();
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout);
}

function refuses(told, why) {
  const { how, why: answered, base } = told.answer;
  assert.deepEqual([how, base], ['none', 'unknown']);
  assert.match(answered, why);
  const { plain, made, thrown, invalid, steps, waits, turn } = told;
  assert.deepEqual(
    { plain, made, thrown, steps, waits, turn },
    { plain: 5, made: 'made', thrown: 'own', steps: [1, 2], waits: 0, turn: 'number' },
  );
  assert.equal(invalid, 'ERR_ISTHMUS_INVALID_ARGUMENT');
  for (const key of ['pending', 'settled', 'work', 'thenable']) {
    const { code, message, isOurs, why: obstacle } = told[key];
    assert.deepEqual([code, isOurs], ['ERR_ISTHMUS_CANNOT_RUN', true], key);
    assert.equal(obstacle, answered);
    assert.ok(message.includes(answered), message);
    assert.match(message, /runInThread/);
  }
  assert.equal(told.each.code, 'ERR_ISTHMUS_CANNOT_RUN');
}

const withNode = (url, env) => () => node(['--input-type=module', '--eval', script(url)], { env });

test('here there is a pump, and canRun() says so', limit, async () => {
  const { how, why, base } = canRun();
  assert.equal(how, 'loop', why);
  assert.equal(typeof base, 'string');
  assert.equal(run(Promise.resolve().then(() => canRun().how)), 'loop');
  const told = await ask(withNode(import.meta.resolve('isthmus')));
  assert.equal(told.answer.how, 'loop');
  assert.equal(told.settled.value, 1);
});

test('ISTHMUS_PUMP=off', limit, async () => {
  refuses(
    await ask(withNode(import.meta.resolve('isthmus'), { ISTHMUS_PUMP: 'off' })),
    /ISTHMUS_PUMP is "off"/,
  );
});

test('no binary', limit, async () => {
  refuses(await ask(withNode(copy('none'))), /no native pump for \S+-\S+ in this installation/);
});

test('no binary, and the reason that the installation noted', limit, async () => {
  const url = copy('noted', (to) => {
    mkdirSync(join(to, 'native', 'build'), { recursive: true });
    writeFileSync(join(to, 'native', 'build', 'why.json'), JSON.stringify({ why: 'there is no compiler' }));
  });
  refuses(await ask(withNode(url)), /there is no compiler/);
});

const broken = { 'a text': 'not a library', 'an empty file': '', 'half a library': '\x7fELF' };
for (const [title, content] of Object.entries(broken)) {
  test(`${title} in place of the binary`, limit, async () => {
    const url = copy(title, (to) => {
      mkdirSync(join(to, 'native', 'build'), { recursive: true });
      writeFileSync(join(to, 'native', 'build', 'pump.node'), content);
    });
    refuses(await ask(withNode(url)), /could not be loaded: .+/);
  });
}

test('a binary where prebuilt ones belong is found and works', limit, async () => {
  const url = copy('prebuilt', (to) => {
    const { glibcVersionRuntime } = process.report.getReport().header;
    const musl = process.platform === 'linux' && glibcVersionRuntime === undefined ? '-musl' : '';
    const place = join(to, 'prebuilds', `${process.platform}-${process.arch}${musl}`);
    mkdirSync(place, { recursive: true });
    cpSync(join(root, 'native', 'build', 'pump.node'), join(place, 'pump.node'));
  });
  const told = await ask(withNode(url));
  assert.deepEqual([told.answer.how, told.work.value], ['loop', 1]);
});

// Other runtimes: a call into their libuv aborts the process, so they must be known before the binary is loaded.
const runtimes = {
  Bun: { execPath: '@oven/bun-linux-x64/bin/bun', args: (file) => [file] },
  Deno: {
    execPath: '@deno/linux-x64-glibc/deno',
    args: (file) => ['run', '--allow-all', '--no-config', file],
  },
};
for (const [runtime, { execPath, args }] of Object.entries(runtimes)) {
  const path = join(root, 'test', 'runtimes', 'node_modules', execPath);
  const skip =
    !existsSync(path) && `${runtime} is not installed in test/runtimes: its package is for linux-x64`;
  test(`${runtime}`, { ...limit, skip }, async () => {
    const file = join(folder, `${runtime}.mjs`);
    writeFileSync(file, script(import.meta.resolve('isthmus')));
    const env = { DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' };
    const told = await ask(() => node(args(file), { execPath: path, env, cwd: folder }));
    refuses(told, new RegExp(`${runtime} does not let its event loop be re-entered`));
  });
}
