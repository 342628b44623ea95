/**
 * The house's import direction, `errors ← channel ← worker ← pool ← offload ← face ← index ← web` with `task` and
 * `context` beside `channel`, `thread` beside `pool` and `run` apart, is kept by biome.json. Here every pair of rooms is tried against it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each room may import besides itself. Everything that is not listed must be refused. */
const mayImport = {
  errors: [],
  run: ['errors'],
  channel: ['errors'],
  task: ['errors'],
  context: ['errors'],
  worker: ['errors', 'channel', 'task', 'context'],
  // A step of an async iterable among the arguments has to be waited for here.
  thread: ['errors', 'channel', 'task', 'context', 'run', 'worker'],
  pool: ['errors', 'channel', 'task', 'context', 'worker'],
  offload: ['errors', 'channel', 'task', 'context', 'worker', 'pool'],
  face: ['errors', 'channel', 'task', 'context', 'worker', 'thread', 'pool', 'offload', 'run'],
  index: ['errors', 'channel', 'task', 'context', 'worker', 'thread', 'pool', 'offload', 'run', 'face'],
  web: ['index'],
};
const rooms = Object.keys(mayImport);
const isFile = (room) => room === 'errors' || room === 'index';

/** How a file of `from`, in a folder `deep` levels below its room, writes an import of `to`. */
function specifier(from, to, deep = 0) {
  const up = isFile(from) ? './' : '../'.repeat(deep + 1);
  return isFile(to) ? `${up}${to}.js` : `${up}${to}/part.js`;
}

const forms = {
  import: (path) => `import { part } from '${path}';\nexport const own = part;\n`,
  type: (path) => `import type { part } from '${path}';\nexport type own = part;\n`,
  reexport: (path) => `export * from '${path}';\n`,
  dynamic: (path) => `export const own = import('${path}');\n`,
};

/** path → { text, allowed }: the files of a small house that breaks the rule in every way, and keeps it. */
const files = new Map();
const add = (path, text, allowed) => files.set(path, { text, allowed });

for (const from of rooms.filter((room) => !isFile(room))) {
  for (const to of rooms.filter((room) => room !== from)) {
    for (const [form, write] of Object.entries(forms)) {
      const allowed = mayImport[from].includes(to);
      add(`src/${from}/${form}-${to}.ts`, write(specifier(from, to)), allowed);
      add(`src/${from}/deeper/${form}-${to}.ts`, write(specifier(from, to, 1)), allowed);
    }
  }
  add(`src/${from}/own.ts`, forms.import('./part.js'), true);
  add(`src/${from}/deeper/own.ts`, forms.import('../part.js'), true);
  add(`src/${from}/node.ts`, forms.import('node:fs'), true);
}
add('src/errors.ts', forms.import('node:fs'), false);
add('src/index.ts', mayImport.index.map((to) => forms.reexport(specifier('index', to))).join(''), true);
add('examples/tour/inside.mjs', forms.import('../../dist/index.js'), false);
add('examples/tour/public.mjs', forms.import('isthmus'), true);

/** The paths that biome refuses, in a tree of their own: whoever lints meanwhile must not meet them. */
function lint(cases) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-imports-'));
  try {
    for (const name of ['biome.json', '.gitignore']) cpSync(join(root, name), join(folder, name));
    for (const [path, { text }] of cases) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const args = [
      'lint',
      '--only=style/noRestrictedImports',
      '--reporter=json',
      '--max-diagnostics=none',
      '.',
    ];
    const options = { cwd: folder, encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 26 };
    const { stdout, stderr } = spawnSync(process.execPath, [biome, ...args], options);
    assert.match(stdout, /^\{/, `biome must answer in JSON: ${stdout}${stderr}`);
    const { diagnostics, summary } = JSON.parse(stdout);
    assert.equal(summary.unchanged, cases.size + 1, 'biome must have read every file, and biome.json');
    return new Set(diagnostics.map(({ location }) => location.path));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const refused = lint(files);

function judge(prefix) {
  const cases = [...files].filter(([path]) => path.startsWith(prefix));
  assert.ok(cases.length > 0);
  for (const [path, { text, allowed }] of cases) {
    assert.equal(!refused.has(path), allowed, `${path} must be ${allowed ? 'allowed' : 'refused'}: ${text}`);
  }
}

for (const [from, allowed] of Object.entries(mayImport)) {
  const name = `src/${from}${isFile(from) ? '.ts' : '/'}`;
  test(`${name} may import only ${['itself', ...allowed].join(', ')}`, { timeout: 10_000 }, () =>
    judge(name),
  );
}
test('src/index.ts may not import a leaf', { timeout: 60_000 }, () => {
  const leaf = new Map([['src/index.ts', { text: forms.reexport('./web/part.js') }]]);
  assert.deepEqual([...lint(leaf)], ['src/index.ts']);
});
test('an example imports the public face by name', { timeout: 10_000 }, () => judge('examples/'));
