// One server for each framework: each does the same, stays responsive meanwhile, and closes when it is told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { lines } from '../lines/lines.mjs';
import { root } from './child.mjs';

const example = join(root, 'examples', 'web');
const missing = !existsSync(join(example, 'node_modules', 'fastify')) && 'not installed in examples/web';

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
