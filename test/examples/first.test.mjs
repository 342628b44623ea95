// The README's first example in its three forms, each run against a server on this machine.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { buildSync } from 'esbuild';
import { titleServer } from '../../examples/first/server.mjs';
import { finish, root } from './child.mjs';

const timeout = 60_000;
const first = join(root, 'examples', 'first');
let site;
let url;

before(async () => {
  site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html').end(`<title>page ${request.url}</title>`);
  });
  await once(site.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${site.address().port}/`;
});

after(() => {
  site.close();
  site.closeAllConnections();
});

test('the TypeScript file compiles under strict rules', { timeout }, async () => {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  const args = [tsc, ...options, '--types', 'node', join(first, 'title.ts')];
  const { code, out, err } = await finish(process.execPath, args);
  assert.equal(code, 0, out + err);
});

test('the TypeScript file reads a title in sync code', { timeout }, async () => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import { titleOf } from './title.ts'; console.log([titleOf('${url}a'), titleOf('${url}b')].join());`,
      resolveDir: first,
    },
    bundle: true,
    external: ['isthmus'],
    format: 'esm',
    write: false,
  });
  const { code, out, err } = await finish(process.execPath, [
    '--input-type=module',
    '-e',
    outputFiles[0].text,
  ]);
  assert.equal(code, 0, err);
  assert.equal(out.trim(), 'page /a,page /b');
});

test('the snippet gives its value in the REPL', { timeout }, async () => {
  const input = readFileSync(join(first, 'notebook.cjs'), 'utf8');
  // The prompt leaves at the end of its input, also while a call waits.
  const until = /'page \/cell'/;
  const env = { PAGE: `${url}cell` };
  const { code, out, err } = await finish(process.execPath, ['-i'], { input, until, env, limit: 20_000 });
  assert.equal(code, 0, out + err);
  assert.match(out, until);
});

test('the handler answers many at once', { timeout }, async () => {
  const server = titleServer(url);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const paths = Array.from({ length: 40 }, (_, i) => `/${i}`);
    const ask = async (path) => (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).text();
    const titles = await Promise.all(paths.map(ask));
    assert.deepEqual(
      titles,
      paths.map((path) => `page ${path}`),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
