// The pages and the package must say the same, in both directions; and what the README shows must run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import * as exported from 'isthmus';

const isthmus = { ...exported };

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const all = (text, pattern) => [...text.matchAll(pattern)].map((match) => match[1]);
const timeout = 30_000;

describe('docs/reference', () => {
  const page = read('docs/reference/README.md');

  it('has a heading or a mention for each export, and no other heading', { timeout }, () => {
    const headings = all(page, /^##+ (\S+)$/gm);
    const chapters = ['Errors', 'Types', 'Environment'];
    for (const name of Object.keys(isthmus)) {
      const mentioned = headings.includes(name) || page.includes(`\`${name}\``);
      assert.ok(mentioned, `${name} is exported but not in the reference`);
    }
    for (const heading of headings.filter((heading) => !chapters.includes(heading))) {
      const [owner, member] = heading.split('.');
      assert.ok(owner in isthmus, `${heading} is in the reference but not exported`);
      if (member) assert.equal(typeof isthmus[owner][member], 'function', `${heading} does not exist`);
    }
    for (const owner of [
      'run',
      'turn',
      'runInThread',
      'toThread',
      'toProcess',
      'toSync',
      'syncFace',
      'asyncFace',
    ]) {
      for (const member of Object.keys(isthmus[owner])) {
        assert.ok(headings.includes(`${owner}.${member}`), `${owner}.${member} is not in the reference`);
      }
    }
  });

  it('names each exported type, and no other', { timeout }, () => {
    const source = read('src/index.ts');
    const types = [...all(source, /\btype (\w+)[,\s}]/g), ...all(source, /export type \{ ([^}]+) \}/g)]
      .flatMap((names) => names.split(/,\s*/))
      .filter((name) => name !== 'type');
    const section = page.slice(page.indexOf('## Types'), page.indexOf('## Environment'));
    const named = all(section, /`([A-Z]\w+)`/g);
    assert.deepEqual([...new Set(named)].sort(), [...new Set(types)].sort());
  });
});

describe('docs/reference/web', () => {
  const page = read('docs/reference/web.md');
  const chapters = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((chapter) => [chapter.slice(0, chapter.indexOf('\n')), chapter]),
  );
  const subpaths = Object.keys(JSON.parse(read('package.json')).exports)
    .filter((path) => path !== '.' && path !== './package.json')
    .map((path) => `isthmus${path.slice(1)}`);

  it('has a chapter for each subpath, and no other', { timeout }, () => {
    const general = ['Requests and answers', 'Not now', 'What does not cross', 'Bun and Deno'];
    assert.deepEqual([...chapters.keys()].filter((name) => !general.includes(name)).sort(), subpaths.sort());
  });

  for (const subpath of subpaths) {
    it(`names each export and each type of ${subpath}, and no other`, { timeout }, async () => {
      const chapter = chapters.get(subpath);
      const names = Object.keys(await import(subpath));
      const headings = all(chapter, /^### (\S+)$/gm);
      for (const name of names) {
        const mentioned = headings.includes(name) || chapter.includes(`\`${name}\``);
        assert.ok(mentioned, `${name} is not in the chapter`);
      }
      for (const heading of headings) assert.ok(names.includes(heading), `${heading} is not exported`);
      const source = read(`src/web/${subpath.split('/')[1]}.ts`);
      const own = all(source, /^export (?:interface|type) (\w+)/gm);
      const passed = all(source, /^export type \{ ([^}]+) \}/gm).flatMap((names) => names.split(/,\s*/));
      const named = all(/^Types: .*$/m.exec(chapter)?.[0] ?? '', /`(\w+)`/g);
      assert.deepEqual(named.sort(), [...own, ...passed].sort());
    });
  }
});

describe('docs/errors', () => {
  it('has each code and class of src/errors.ts, and no other', { timeout }, () => {
    const source = read('src/errors.ts');
    const page = read('docs/errors.md');
    const codes = new Set(all(source, /'(ERR_ISTHMUS_\w+)'/g));
    assert.deepEqual(new Set(all(page, /^## (ERR_ISTHMUS_\w+)$/gm)), codes);
    assert.deepEqual(new Set(all(page, /\[`(ERR_ISTHMUS_\w+)`\]/g)), codes);
    const classes = all(source, /class (\w+) extends IsthmusError/g);
    assert.deepEqual(all(page, /\| `(\w+)` +\|$/gm).sort(), classes.sort());
  });
});

describe('links', () => {
  for (const path of [
    'README.md',
    'CONTRIBUTING.md',
    'docs/errors.md',
    'docs/reference/README.md',
    'docs/reference/web.md',
    'docs/decisions/README.md',
  ]) {
    it(`of ${path} lead somewhere`, { timeout }, () => {
      const targets = all(read(path), /\]\(([^)#:]+)(?:#[^)]*)?\)/g);
      for (const target of targets)
        assert.ok(existsSync(join(root, dirname(path), target)), `${path}: ${target}`);
    });
  }
});

describe('README', () => {
  const blocks = all(read('README.md'), /```(?:ts|js)\n([\s\S]*?)```/g).concat(
    all(read('README.md'), /^ {2}```js\n([\s\S]*?)^ {2}```/gm),
  );
  let folder;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'isthmus-readme-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a block of the README between a program's beginning and end; answers what it printed. */
  function play(block, beginning, end) {
    const index = JSON.stringify(join(root, 'dist', 'index.js'));
    const code = block.replaceAll("'isthmus'", index);
    const imports = code.includes(`from ${index}`) ? '' : `import { run, turn, canRun } from ${index};\n`;
    const file = join(folder, 'block.mjs');
    writeFileSync(
      file,
      transformSync(`${imports}${beginning}\n${code}\n${end}`, { loader: 'ts', target: 'node20' }).code,
    );
    const child = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 10_000 });
    assert.equal(child.status, 0, child.stderr);
    return child.stdout.trim();
  }

  it('runs its first example against a server of the same thread', { timeout }, () => {
    const first = blocks.find((block) => block.includes('titleOf'));
    const beginning = `import { createServer } from 'node:http';
      const server = createServer((q, a) => a.end('<title>Hello</title>'));
      await new Promise((done) => server.listen(0, '127.0.0.1', done));`;
    const end = `console.log(titleOf('http://127.0.0.1:' + server.address().port)); server.close(); server.closeAllConnections();`;
    assert.equal(play(first, beginning, end), 'Hello');
  });

  it('runs the example that bites, and it bites', { timeout }, () => {
    const bite = blocks.find((block) => block.includes('withdraw'));
    const beginning = `const audit = () => new Promise((done) => setTimeout(done, 20));`;
    const end = `setTimeout(() => withdraw(80), 5); withdraw(80); console.log(balance);`;
    assert.equal(play(bite, beginning, end), '-60');
  });

  it('runs the example of processes: what is too much for their memory dies', { timeout: 60_000 }, () => {
    const index = JSON.stringify(join(root, 'dist', 'index.js'));
    const parser = `
      let calls = 0;
      export function parse(source) {
        if (source !== 'large' || process.execArgv.every((flag) => !flag.startsWith('--max-old'))) return { calls: ++calls };
        for (const kept = []; ; ) kept.push(new Array(100_000).fill(0.5));
      }`;
    writeFileSync(join(folder, 'parser.js'), parser.replaceAll("'isthmus'", index));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const block = blocks.find((block) => block.includes("from './parser.js'"));
    assert.equal(
      play(block, `const source = 'large';`, 'console.log(tree.calls);'),
      'ERR_ISTHMUS_PROCESS_DIED\n1',
    );
  });

  it('runs the example of the service thread, in two files', { timeout }, () => {
    const pages = blocks.find((block) => block.includes('export async function fetchPage'));
    const index = JSON.stringify(join(root, 'dist', 'index.js'));
    writeFileSync(join(folder, 'pages.js'), pages.replaceAll("'isthmus'", index));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const main = blocks.find((block) => block.includes("from './pages.js'"));
    const beginning = `const url = 'data:text/plain,page';`;
    assert.equal(play(main, beginning, `console.log(page);`), '200\npage');
  });

  it('runs the example of what stays on the service thread', { timeout }, () => {
    const client = `
      import { EventEmitter } from 'node:events';
      const later = (value) => new Promise((done) => setTimeout(done, 1, value));
      class User {
        name = 'ada';
        async orders() { return later([1, 2]); }
      }
      export class Client extends EventEmitter {
        async user(id) { await later(); this.emit('retry', id); return new User(); }
      }
      export async function* linesOf() {
        try { yield 'fine'; yield 'ERROR'; yield 'never'; } finally { console.log('closed'); }
      }`;
    writeFileSync(join(folder, 'client.js'), client);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const block = blocks.find((block) => block.includes("from './client.js'"));
    assert.equal(play(block, '', ''), 'closed\nretry 7\nada 2');
  });

  it('runs the example of a sync face, whose class is all async', { timeout }, () => {
    const library = `
      const later = (value) => new Promise((done) => setTimeout(done, 1, value));
      class Book {
        constructor(title) { this.title = title; }
        async load() { return later(this.title.repeat(10)); }
      }
      export class Library {
        #titles = ['first', 'second'];
        static async open() { return later(new Library()); }
        async transaction(work) {
          const tx = { count: async () => later(this.#titles.length), add: async (title) => this.#titles.push(title) };
          await work(tx);
        }
        async *books() { for (const title of this.#titles) yield later(new Book(title)); }
        async [Symbol.asyncDispose]() { await later(); console.log('closed'); }
      }`;
    writeFileSync(join(folder, 'library.js'), library);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const block = blocks.find((block) => block.includes('syncFace(Library)'));
    assert.equal(play(block, '', ''), 'first 50\nsecond 60\nthird 50\nclosed');
  });

  it('runs the example of blocking code that leaves the loop', { timeout }, () => {
    const passwords = blocks.find((block) => block.includes('scryptSync'));
    const index = JSON.stringify(join(root, 'dist', 'index.js'));
    writeFileSync(join(folder, 'passwords.js'), passwords.replaceAll("'isthmus'", index));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const block = blocks.find((block) => block.includes("from './passwords.js'"));
    const beginning = `const rows = ['xa', 'b', 'cx']; const passwords = ['one', 'two'];`;
    const [one, two, ms, last] = play(block, beginning, 'console.log(hash.length, found.join());').split(
      '\n',
    );
    assert.match(one, /^[0-9a-f]{128}$/);
    assert.match(two, /^[0-9a-f]{128}$/);
    assert.match(ms, /^[\d.]+ ms$/);
    assert.equal(last, '128 xa,cx');
  });

  it('runs the example of a blocking object', { timeout }, () => {
    const store = `
      export class Store {
        isOpen = true;
        #balances = { ada: 100, bob: 0 };
        transfer(from, to, amount) { this.#balances[from] -= amount; this.#balances[to] += amount; }
        *entries() { try { for (let amount = 1; ; amount++) yield { amount }; } finally { console.log('left'); } }
        balance(name) { return this.#balances[name]; }
        [Symbol.dispose]() { console.log('closed'); }
      }`;
    writeFileSync(join(folder, 'store.js'), store);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const block = blocks.find((block) => block.includes("from './store.js'"));
    assert.equal(play(block, '', ''), 'left\n90 true\nclosed');
  });

  it('runs the example of a web server, and of one route', { timeout }, () => {
    const work = blocks.find((block) => block.includes('export const hash = ({ params })'));
    writeFileSync(join(folder, 'work.js'), work);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const install = (block) =>
      block.replace(/'(fastify|express)'|'isthmus\/(\w+)'/g, (_, framework, adapter) =>
        JSON.stringify(
          framework
            ? join(
                root,
                'test',
                'web',
                'node_modules',
                framework,
                `${framework === 'express' ? 'index' : framework}.js`,
              )
            : join(root, 'dist', 'web', `${adapter}.js`),
        ),
      );
    const json = `const json = async (url) => (await fetch(url)).json();`;
    const print = `console.log((await json(base + '/hash/secret')).hash.length);`;
    const app = blocks.find((block) => block.includes("from 'isthmus/fastify'"));
    const listen = `const base = await app.listen({ port: 0, host: '127.0.0.1' });`;
    const ping = `console.log((await json(base + '/ping')).pong); await app.close();`;
    assert.equal(play(install(app), json, listen + print + ping), '128\ntrue');
    const route = blocks.find((block) => block.includes("from 'isthmus/express'"));
    const beginning = `import express from 'express'; import * as work from './work.js'; ${json} const app = express();`;
    const end = `const server = app.listen(0, '127.0.0.1', async () => {
      const base = 'http://127.0.0.1:' + server.address().port;
      ${print} server.close(); server.closeAllConnections(); await pool.close();
    });`;
    assert.equal(play(install(route), install(beginning), end), '128');
  });

  it('runs its other examples', { timeout }, () => {
    const other = blocks.find((block) => block.includes('big.log'));
    const beginning = `import { createServer } from 'node:http';
      import { createReadStream as open } from 'node:fs';
      const createReadStream = () => open(${JSON.stringify(join(root, 'README.md'))});
      const server = createServer();
      await new Promise((done) => server.listen(0, '127.0.0.1', done));
      const url = 'http://127.0.0.1:' + server.address().port;
      server.once('request', (request, answer) => answer.end('first'));
      const renderSync = () => run(new Promise((done) => setTimeout(done, 5, 'rendered')));`;
    const end = `console.log(run(fetch(url).then((answer) => answer.text()))); server.close(); server.closeAllConnections();`;
    assert.equal(play(other, beginning, end), 'rendered');
  });
});
