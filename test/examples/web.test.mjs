// One server for each framework: each does the same, stays responsive meanwhile, and closes when it is told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { lines } from '../lines/lines.mjs';
import { root } from './child.mjs';

const example = join(root, 'examples', 'web');
const missing = !existsSync(join(example, 'node_modules', 'fastify')) && 'not installed in examples/web';

/** The codecs of the examples, to make what is sent and to look at what comes back. */
function codecs() {
  const require = createRequire(join(example, 'work.mjs'));
  return { jpeg: require('jpeg-js'), PNG: require('pngjs').PNG };
}

/** Its left half is red, its right half blue. */
function picture(PNG, width, height) {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    png.data.set(i % width < width / 2 ? [255, 0, 0, 255] : [0, 0, 255, 255], i * 4);
  }
  return PNG.sync.write(png);
}

/** The server of an example; ended after the test at the latest. */
async function start(scope, execPath, file) {
  const child = spawn(execPath, [join(example, file), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  scope.after(() => child.kill('SIGKILL'));
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  child.stdout.setEncoding('utf8');
  let out = '';
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      out += text;
      if (out.includes('\n')) resolve();
    });
    exited.then((code) => reject(new Error(`it ended with ${code}`)));
  });
  const [base] = out.split('\n');
  return { base, child, exited };
}

for (const { line, execPath, skip } of lines) {
  for (const framework of ['fastify', 'express', 'hono']) {
    test(`${framework} on Node ${line}`, { timeout: 60_000, skip: skip || missing }, async (scope) => {
      const { base, child, exited } = await start(scope, execPath, `${framework}.mjs`);
      const ask = (path, options) => fetch(base + path, { signal: AbortSignal.timeout(30_000), ...options });
      const json = async (path, options) => (await ask(path, options)).json();

      const hashes = Promise.all(['one', 'two', 'three'].map((word) => json(`/hash/${word}`)));
      assert.deepEqual(await json('/ping'), { pong: true });
      for (const { hash } of await hashes) assert.match(hash, /^[0-9a-f]{128}$/);

      const body = Buffer.alloc(1_000_000, 'text ');
      const headers = { 'content-type': 'application/octet-stream' };
      const packed = await ask('/gzip', { method: 'POST', headers, body });
      assert.equal(packed.headers.get('content-type'), 'application/gzip');
      assert.ok(gunzipSync(await packed.arrayBuffer()).equals(body));

      const { jpeg, PNG } = codecs();
      const upload = (path, type, body) =>
        ask(path, { method: 'POST', headers: { 'content-type': type }, body });
      const thumbnail = await upload('/thumbnail/30', 'image/png', picture(PNG, 300, 200));
      assert.equal(thumbnail.headers.get('content-type'), 'image/jpeg');
      const small = jpeg.decode(Buffer.from(await thumbnail.arrayBuffer()));
      assert.deepEqual([small.width, small.height], [30, 20]);
      const [red, , , , blue] = [5, 10, 15, 20, 25].map((x) => small.data.subarray((10 * 30 + x) * 4));
      assert.ok(
        red[0] > 240 && red[2] < 15 && blue[0] < 15 && blue[2] > 240,
        'its halves have their colours',
      );
      assert.equal((await upload('/thumbnail/30', 'image/png', 'no picture')).status, 415);

      const page = await upload('/render', 'text/markdown', '# *Title*\n\n```js\nconst n = 1;\n```\n<b>\n');
      assert.match(page.headers.get('content-type'), /^text\/html/);
      assert.equal(
        await page.text(),
        `<h1><em>Title</em></h1>
<pre><code class="language-js"><span class="hljs-keyword">const</span> n = <span class="hljs-number">1</span>;
</code></pre>
<p>&lt;b&gt;</p>
`,
      );

      const send = (path, data) =>
        json(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(data),
        });
      const { hash } = await send('/passwords', { password: 'secret' });
      assert.match(hash, /^\$2b\$10\$.{53}$/);
      // A hash that others have made: of the tests of the first bcrypt.
      const known = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
      const isRight = (password, hash) => send('/passwords/check', { password, hash });
      assert.deepEqual(
        await Promise.all([isRight('secret', hash), isRight('Secret', hash), isRight('U*U', known)]),
        [{ isRight: true }, { isRight: false }, { isRight: true }],
      );

      const ofSeven = Array.from({ length: 20_000 }, (_, i) => i + 1).filter((i) => i % 100 === 7);
      assert.deepEqual(await json('/authors/7'), {
        books: ofSeven.length,
        pages: ofSeven.reduce((sum, i) => sum + (i % 997), 0),
      });

      const large = (changed) =>
        Array.from({ length: 50_000 }, (_, i) => ({ i, text: i === changed ? 'x' : '' }));
      assert.deepEqual(await send('/diff', { before: large(), after: large(40_000) }), [
        { path: '/40000/text', before: '', after: 'x' },
      ]);

      const documents = { before: { a: 1, b: [1, 2] }, after: { a: 1, b: [1, 3] } };
      const found = await json('/diff', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(documents),
      });
      assert.deepEqual(found, [{ path: '/b/1', before: 2, after: 3 }]);

      const report = await ask('/primes/100');
      assert.match(report.headers.get('content-type'), /^text\/csv/);
      assert.deepEqual((await report.text()).trimEnd().split('\n').at(-1), '100,541');
      assert.deepEqual(await json('/self'), { of: { pong: true } });
      const { pools, limiters } = await json('/health');
      const [{ completed }] = Object.values(pools);
      assert.ok(completed >= 6, String(completed));
      assert.equal(limiters.reports.used, 0);
      assert.match(await (await ask('/metrics')).text(), /^isthmus_pool_completed_total\{pool="\w+"\} \d+$/m);

      child.kill('SIGTERM');
      assert.equal(await exited, 0);
    });
  }
}
