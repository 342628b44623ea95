// The ESLint rule that calls Prettier: by either path every file becomes what `await prettier.format()` gives, and what
// does not parse is reported in the words that await throws.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import test, { before } from 'node:test';
import { explain, run, runInThread } from 'isthmus';
import { clearConfigCache, format as prettierFormat, resolveConfig } from 'prettier';
import { format } from '../../examples/eslint-prettier/format.mjs';
import prettier from '../../examples/eslint-prettier/plugin.mjs';
import { finish, root } from './child.mjs';

const timeout = 120_000;
const example = join('examples', 'eslint-prettier');
const { ESLint } = createRequire(join(root, example, 'package.json'))('eslint');

const count = 50;
/** Not how this repository is written. */
const options = { semi: false };
const paths = ['loop', 'thread', 'auto'];

/** Every script below a folder of the repository, but for what npm and git keep. */
function* scripts(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) yield* scripts(path);
    } else if (['.mjs', '.cjs', '.js'].includes(extname(path))) yield path;
  }
}

/** So many of a list, from all over it. */
function spread(list) {
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}

// One of the fixtures is there because it does not parse.
const all = ['bench', 'examples', 'scripts', 'test'].flatMap((folder) => [...scripts(folder)]);
const files = spread(all.filter((file) => !file.endsWith('broken.mjs')).sort());
const read = (file) => readFileSync(join(root, file), 'utf8');

/** ESLint with that rule and no other. */
function linter(path, more) {
  return new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.*'],
      plugins: { prettier },
      rules: { 'prettier/prettier': ['error', options, { path }] },
      ...more?.overrideConfig,
    },
    ...(more?.fix && { fix: true }),
  });
}

async function awaited(file, source) {
  const filepath = join(root, file);
  const found = await resolveConfig(filepath, { editorconfig: true });
  return prettierFormat(source, { ...found, ...options, filepath });
}

const expected = new Map();
before(async () => {
  for (const file of files) {
    const once = await awaited(file, read(file));
    // ESLint lints again what it has fixed.
    assert.equal(await awaited(file, once), once, `${file} has to be stable to be compared`);
    expected.set(file, once);
  }
});

test(`there are ${count} files, and most of them differ from what Prettier gives`, { timeout }, () => {
  assert.equal(expected.size, count);
  const different = files.filter((file) => expected.get(file) !== read(file));
  assert.ok(different.length > count / 2, `${different.length} of ${count}`);
});

for (const path of paths) {
  test(`fixed by the ${path} path, every file is what await gives`, { timeout }, async () => {
    // What Prettier has not read yet is to be waited for.
    clearConfigCache();
    const before = { waits: run.stats().waits, calls: explain(format).thread.calls };
    const results = await linter(path, { fix: true }).lintFiles(files);
    assert.equal(results.length, count);
    for (const { filePath, output, messages } of results) {
      const file = filePath.slice(root.length);
      assert.deepEqual(messages, [], file);
      // As a truth, lest whole files are printed.
      assert.ok((output ?? read(file)) === expected.get(file), `${file} differs`);
    }
    const waited = run.stats().waits > before.waits;
    const inThread = explain(format).thread.calls > before.calls;
    assert.deepEqual([waited, inThread], path === 'thread' ? [false, true] : [true, false]);
  });
}

test('every path reports the same differences', { timeout }, async () => {
  const reports = await Promise.all(paths.map((path) => linter(path).lintFiles(files)));
  const [loop, ...others] = reports.map((results) =>
    results.map(({ filePath, messages }) => ({ filePath, messages })),
  );
  for (const other of others) assert.deepEqual(other, loop);
  for (const { filePath, messages } of loop) {
    const file = filePath.slice(root.length);
    assert.equal(messages.length === 0, expected.get(file) === read(file), file);
  }
});

/** Lets Prettier be the first that reads a text. */
const plain = {
  parse: (text) => ({
    type: 'Program',
    body: [],
    tokens: [],
    comments: [],
    sourceType: 'module',
    range: [0, text.length],
    loc: { start: { line: 1, column: 0 }, end: { line: 1, column: 0 } },
  }),
};

/** Of each of Prettier's parsers, for each has errors of its own. */
const broken = {
  'broken.js': 'const a = 1;\nconst b = = 2;\n',
  'broken.ts': 'let x: = 1;\n',
  'broken.json': '{ "a": }\n',
  'broken.css': 'a {\n',
  'broken.yaml': 'a: [\n',
  'broken.vue': '<a>{{\n',
};

for (const [file, source] of Object.entries(broken)) {
  test(`${file}: a syntax error says the same by each path as awaited`, { timeout }, async () => {
    const error = await awaited(file, source).catch((error) => error);
    assert.ok(error instanceof SyntaxError);
    const facts = ({ name, message, loc, codeFrame }) => ({ name, message, loc, codeFrame });
    const filepath = join(root, file);
    for (const call of [
      () => run(() => format(source, { filepath, ...options })),
      () => runInThread(format, source, { filepath, ...options }),
    ]) {
      assert.throws(call, (thrown) => {
        assert.ok(thrown instanceof SyntaxError);
        assert.deepEqual(facts(thrown), facts(error));
        return true;
      });
    }
    const overrideConfig = { languageOptions: { parser: plain } };
    for (const path of paths) {
      const [{ messages }] = await linter(path, { overrideConfig }).lintText(source, { filePath: file });
      assert.equal(messages.length, 1);
      const [{ ruleId, message, line, column }] = messages;
      assert.equal(ruleId, 'prettier/prettier');
      const words = message.replace(/^Parsing error: /, '');
      assert.ok(words.length > 10 && error.message.startsWith(words), message);
      const { start } = error.loc;
      assert.deepEqual([line, column], [start.line, start.column], message);
    }
  });
}

test('the command of its page shows differences, and no error', { timeout }, async () => {
  const page = read(join(example, 'README.md'));
  const [, command] = /```sh\n(.+)\n/.exec(page);
  const { code, out, err } = await finish(command, [], { shell: true, limit: timeout });
  assert.equal(code, 0, out + err);
  assert.match(out, /Replace `.*` with `.*` +prettier\/prettier/);
  assert.match(out, /\(0 errors, \d+ warnings\)/);
});
