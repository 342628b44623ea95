// load: what is named on one side is found on the other.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { file, task } from './built.mjs';

const { addressOf, load, LoadError, NoAddressError } = task;
const limit = { timeout: 15_000 };
const require = createRequire(import.meta.url);
const at = (name) => new URL(`fixtures/${name}`, import.meta.url).href;
globalThis[Symbol.for('isthmus test: task')] = task;

const worker = new Worker(new URL('fixtures/other-side.mjs', import.meta.url), {
  workerData: { task: pathToFileURL(file).href },
});
after(() => worker.terminate());

/** What the function at `address` answers in the Worker. */
async function there(address, ...args) {
  worker.postMessage({ address, args });
  const [{ value, error }] = await once(worker, 'message');
  if (error) throw error;
  return value;
}

test('every kind of address is found in another thread', limit, async () => {
  const plain = await import('./fixtures/plain.mjs');
  const { default: object } = await import('./fixtures/object.mjs');
  const common = require('./fixtures/common.cjs');
  const whole = require('./fixtures/whole.cjs');
  assert.equal(await there(addressOf(plain.twice), 4), 8);
  assert.equal(await there(addressOf(plain.renamed)), 'local');
  assert.equal(await there(addressOf(plain.default), 4), 5);
  assert.equal(await there(addressOf(plain.addTwo), 4), 6);
  assert.equal(await there(addressOf(object.method), 4), 3);
  assert.equal(await there(addressOf(common.named), 4), 7);
  assert.equal(await there(addressOf(common.default)), 3);
  assert.equal(await there(addressOf(common.addOne), 4), 5);
  assert.equal(await there(addressOf(common.lazy)), 'lazy');
  assert.equal(await there(addressOf(whole), 4), 40);
  assert.equal(await there(addressOf(whole.extra)), 'extra');
  assert.equal(await there(addressOf(require('node:path').basename), '/a/b'), 'b');
});

test('what could not be proved is found by its place', limit, async () => {
  const { addresses } = await import('./fixtures/early.mjs');
  assert.equal(await there(addresses[0]), 5);
  await assert.rejects(there(addresses[2]), {
    code: 'ERR_ISTHMUS_NO_ADDRESS',
    message: /exports no function like the one that was given \(kept, line \d+\).*addOne, renamed/,
  });
  const waits = await import('./fixtures/waits.mjs');
  assert.ok(addressOf(waits.heavy).at);
  assert.equal(await there(addressOf(waits.heavy), 1), 101);
  assert.equal(await there(addressOf(waits.twin)), 7);
  assert.throws(() => addressOf(waits.addOne), /captures n/);
  assert.equal(await load(addressOf(waits.other)), waits.other);
  assert.equal(await there(addressOf(waits.first)), 1);
  assert.equal(await there(addressOf(waits.second)), 2);
  const other = { ...addressOf(waits.heavy) };
  other.at = { ...other.at, hash: 'of another source' };
  await assert.rejects(there(other), { message: /or its source is another one here/ });
});

test('TypeScript by its URL, where Node takes the types away', limit, async (t) => {
  if (!process.features.typescript) return t.skip(`Node ${process.versions.node} does not`);
  const { typed } = await import('./fixtures/typed.mts');
  assert.deepEqual(addressOf(typed), { module: at('typed.mts'), name: 'typed' });
  assert.equal(await there(addressOf(typed), 1), 2);
});

test('the same function each time, and failures are not kept', limit, async () => {
  const plain = await import('./fixtures/plain.mjs');
  assert.equal(await load(addressOf(plain.twice)), plain.twice);
  assert.equal(load(addressOf(plain.twice)), load({ ...addressOf(plain.twice) }));
  const missing = { module: at('missing.mjs'), name: 'x' };
  const first = load(missing);
  await assert.rejects(first, LoadError);
  const second = load(missing);
  assert.notEqual(second, first);
  await assert.rejects(second, LoadError);
});

test('a module that cannot be imported', limit, async () => {
  await assert.rejects(load({ module: at('broken.mjs'), name: 'x' }), (error) => {
    assert.ok(error instanceof LoadError);
    assert.equal(error.code, 'ERR_ISTHMUS_LOAD');
    assert.match(error.message, /broken\.mjs could not be imported: broken on purpose/);
    assert.equal(error.cause.message, 'broken on purpose');
    return true;
  });
});

test('a name that is not exported', limit, async () => {
  const module = at('object.mjs');
  for (const name of ['nothing', 'toString', 'constructor']) {
    await assert.rejects(load({ module, name }), (error) => {
      assert.ok(error instanceof NoAddressError);
      assert.match(error.message, /exports no function ".*"; the functions it exports are method\./);
      return true;
    });
  }
});

test("a package's name is looked for in the program's folder", limit, async () => {
  assert.equal(await load({ module: 'esbuild', name: 'buildSync' }), require('esbuild').buildSync);
});
