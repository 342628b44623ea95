// Every way in which a script comes to be: `run` works at its top level.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { node } from './script.mjs';

const limit = { timeout: 60_000 };
const url = import.meta.resolve('isthmus');
const work = "run(new Promise((resolve) => setTimeout(resolve, 5, 'value')))";
const asModule = `import { run } from '${url}'; console.log(${work});`;
const asScript = `const { run } = require('isthmus'); console.log(${work});`;
const type = (input, args) => node(args, { started: (child) => child.stdin.end(input) });

const folder = mkdtempSync(join(tmpdir(), 'isthmus-entry-'));
test.after(() => rmSync(folder, { recursive: true }));
const file = (name, text) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const withUrl = asScript.replace("'isthmus'", JSON.stringify(new URL(url).pathname));

const entries = {
  'an ES module': () => node([file('entry.mjs', asModule)]),
  'a CommonJS file': () => node([file('entry.cjs', withUrl)]),
  'a required CommonJS file': () => node(['--require', file('required.cjs', withUrl), '--eval', '']),
  'an imported module': () => node(['--import', file('imported.mjs', asModule), '--eval', '']),
  'a dynamically imported module': () =>
    node(['--eval', `import(${JSON.stringify(file('dynamic.mjs', asModule))})`]),
  'a module below another': () =>
    node([file('below.mjs', `import ${JSON.stringify(file('leaf.mjs', asModule))}; import 'node:fs';`)]),
  'a module after a top-level await': () => node([file('awaiting.mjs', `await null; ${asModule}`)]),
  'node -e': () => node(['-e', asScript]),
  'node -p': () => node(['-p', asScript.replace(/console\.log\((.*)\);/, '$1')]),
  'node --input-type=module -e': () => node(['--input-type=module', '-e', asModule]),
  'a script on stdin': () => type(asScript, ['-']),
  'a module on stdin': () => type(asModule, ['--input-type=module', '-']),
  'a data: URL': () =>
    node([
      '--input-type=module',
      '-e',
      `await import('data:text/javascript,${encodeURIComponent(asModule).replaceAll("'", '%27')}')`,
    ]),
  'a Worker of a file': () =>
    node(['-e', `new (require('worker_threads').Worker)(${JSON.stringify(file('worker.mjs', asModule))})`]),
  'a Worker of code': () =>
    node(['-e', `new (require('worker_threads').Worker)(${JSON.stringify(withUrl)}, { eval: true })`]),
  'a Worker in a Worker': () => {
    const inner = `const { Worker } = require('worker_threads'); new Worker(${JSON.stringify(withUrl)}, { eval: true });`;
    return node(['-e', `new (require('worker_threads').Worker)(${JSON.stringify(inner)}, { eval: true })`]);
  },
  'a forked process': () =>
    node(['-e', `require('child_process').fork(${JSON.stringify(file('forked.mjs', asModule))})`]),
};
for (const [title, start] of Object.entries(entries)) {
  test(title, limit, async () => {
    const { code, stdout, stderr } = await start();
    assert.deepEqual([code, stdout], [0, 'value\n'], stderr);
  });
}

test("process.on('exit'): what is settled or nearly so comes; nothing hangs", limit, async () => {
  const script = `import { run } from '${url}';
    process.on('exit', () => {
      console.log(run(Promise.resolve('settled')), run(async () => (await null, 'nearly')));
      try { console.log(run(new Promise((resolve) => setTimeout(resolve, 5, 'timer')))); } catch (error) { console.log(error.code); }
      console.log('end');
    });`;
  const { code, stdout, stderr } = await node([file('exit.mjs', script)]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^settled nearly\n(timer|ERR_ISTHMUS_NEVER_SETTLES)\nend\n$/);
});

test('a module that is imported while a call waits', limit, async () => {
  const inner = file('inner.mjs', `${asModule} export const value = 'exported';`);
  const script = `import { run } from '${url}'; console.log(run(import(${JSON.stringify(inner)})).value);`;
  const { stdout, stderr } = await node([file('importing.mjs', script)]);
  assert.equal(stdout, 'value\nexported\n', stderr);
});
