// addressOf and checkAddress: which functions have an address, and why the others have none.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { file, task } from './built.mjs';

const { addressOf, checkAddress, NoAddressError, InvalidArgumentError } = task;
const limit = { timeout: 15_000 };
const require = createRequire(import.meta.url);
const at = (name) => new URL(`fixtures/${name}`, import.meta.url).href;
const plain = await import('./fixtures/plain.mjs');

function refusal(fn, why) {
  assert.throws(
    () => addressOf(fn),
    (error) =>
      error instanceof NoAddressError && error.code === 'ERR_ISTHMUS_NO_ADDRESS' && why.test(error.message),
  );
}

test('an exported function is named by its module and export', limit, () => {
  const module = at('plain.mjs');
  assert.deepEqual(addressOf(plain.twice), { module, name: 'twice' });
  assert.deepEqual(addressOf(plain.renamed), { module, name: 'renamed' });
  assert.deepEqual(addressOf(plain.default), { module, name: 'default' });
  assert.deepEqual(addressOf(plain.later), { module, name: 'later' });
  assert.equal(addressOf(plain.twice), addressOf(plain.twice));
});

test('an exported closure is one thing by its name', limit, () => {
  assert.equal(addressOf(plain.addOne).name, 'addOne');
  assert.equal(addressOf(plain.addTwo).name, 'addTwo');
});

test('a property of the default export has an address', limit, async () => {
  const { default: object } = await import('./fixtures/object.mjs');
  assert.deepEqual(addressOf(object.method), { module: at('object.mjs'), name: 'method' });
});

test('a CommonJS module: named, default, getter, the whole', limit, () => {
  const common = require('./fixtures/common.cjs');
  const module = at('common.cjs');
  for (const name of ['named', 'default', 'addOne', 'lazy']) {
    assert.deepEqual(addressOf(common[name]), { module, name });
  }
  const whole = require('./fixtures/whole.cjs');
  assert.deepEqual(addressOf(whole), { module: at('whole.cjs'), name: 'default' });
  assert.deepEqual(addressOf(whole.extra), { module: at('whole.cjs'), name: 'extra' });
  refusal(common.holder.hidden, /does not export hidden, or not yet/);
  refusal(common.adder(5), /a closure that captures n/);
});

test('a module is never run a second time, and no trace is left', limit, async () => {
  const query = await import('./fixtures/plain.mjs?again');
  assert.equal(addressOf(query.twice).module, at('plain.mjs?again'));
  addressOf(plain.adder);
  const runs = globalThis[Symbol.for('isthmus test: runs of plain.mjs')];
  assert.deepEqual(runs, [at('plain.mjs'), at('plain.mjs?again')]);
  assert.equal(require.cache[fileURLToPath(at('plain.mjs'))], undefined);
  assert.deepEqual(
    Object.getOwnPropertySymbols(globalThis).filter((symbol) => symbol.description.startsWith('isthmus:')),
    [],
  );
});

test('where the module still evaluates, the place stands in for the proof', limit, async () => {
  globalThis[Symbol.for('isthmus test: task')] = task;
  const { addresses } = await import('./fixtures/early.mjs');
  const [fn, closure, kept] = addresses;
  assert.equal(fn.module, at('early.mjs'));
  assert.equal(fn.name, 'fn');
  assert.deepEqual(Object.keys(fn.at), ['line', 'column', 'hash']);
  assert.ok(closure instanceof NoAddressError);
  assert.match(closure.message, /captures n/);
  assert.equal(kept.name, 'kept', 'whether it is exported is seen on the other side');
});

test('functions of the runtime', limit, () => {
  assert.deepEqual(addressOf(fs.readFileSync), { module: 'node:fs', name: 'readFileSync' });
  assert.deepEqual(addressOf(fs.promises.readFile), { module: 'node:fs/promises', name: 'readFile' });
  assert.deepEqual(addressOf(path.join), { module: 'node:path', name: 'join' });
  assert.deepEqual(addressOf(pipeline), { module: 'node:stream', name: 'pipeline' });
  assert.deepEqual(addressOf(process.nextTick), { module: 'node:process', name: 'nextTick' });
  refusal(parseInt, /parseInt is built into the runtime/);
});

test('what has no address says why', limit, () => {
  refusal(plain.adder(3), /closure that captures n\..*Export a plain function/);
  refusal(plain.bound, /a bound function\./);
  refusal(plain.proxied, /a proxy\./);
  refusal(plain.Counter, /Counter is a class/);
  refusal(plain.Counter.make, /make is a method/);
  refusal(new plain.Counter().count, /count is a method/);
  refusal(plain.kept.hidden, /plain\.mjs does not export hidden.*import\.meta\.url, name/);
  refusal(plain.evaluated.far, /not made by a module/);
  refusal(plain.evaluated.made, /not made by a module/);
  refusal(vm.runInThisContext('() => 1', { filename: 'x.js' }), /not made by a module/);
  const filename = fileURLToPath(at('plain.mjs'));
  refusal(vm.runInThisContext('() => 1', { filename }), /was not loaded as a module by Node itself/);
  refusal(vm.runInNewContext('() => 1', {}, { filename }), /a context of node:vm/);
  refusal(vm.runInThisContext(`() => 1\n//# sourceURL=${at('plain.mjs')}`), /not made by a module/);
  assert.throws(() => addressOf('twice'), InvalidArgumentError);
});

test('a data: module, node -e and the entry module', limit, async () => {
  const { fn } = await import('data:text/javascript,export function fn() {}');
  refusal(fn, /data: URL/);
  function mine() {}
  refusal(mine, /entry module .*address\.test\.mjs.*run the program again/);
  const env = { ...process.env, ISTHMUS_TASK: pathToFileURL(file).href };
  const entry = fileURLToPath(at('entry.mjs'));
  const run = (...args) => execFileSync(process.execPath, args, { env, timeout: 10_000 }).toString();
  assert.match(run(entry), /ERR_ISTHMUS_NO_ADDRESS: .*the program's entry module .*entry\.mjs/);
  const source = fs.readFileSync(entry, 'utf8');
  assert.match(run('--input-type=module', '-e', source), /not made by a module/);
});

test('an address that is written out', limit, () => {
  assert.deepEqual(checkAddress({ module: at('plain.mjs'), name: 'twice', more: 1 }), {
    module: at('plain.mjs'),
    name: 'twice',
  });
  const name = 'default';
  assert.deepEqual(checkAddress({ module: fileURLToPath(at('plain.mjs')), name }).module, at('plain.mjs'));
  assert.deepEqual(checkAddress({ module: new URL(at('plain.mjs')), name }).module, at('plain.mjs'));
  assert.equal(checkAddress({ module: 'fs', name }).module, 'node:fs');
  assert.equal(checkAddress({ module: '@scope/pack/age', name }).module, '@scope/pack/age');
  const early = { module: at('early.mjs'), name, at: { line: 1, column: 2, hash: 'x' } };
  assert.deepEqual(checkAddress(early), early);
  const refused = (value, message) =>
    assert.throws(
      () => checkAddress(value),
      (error) => {
        return error instanceof InvalidArgumentError && message.test(error.message);
      },
    );
  refused({ module: './x.js', name }, /new URL\("\.\/x\.js", import\.meta\.url\)/);
  refused({ module: 'data:text/javascript,1', name }, /another thread can import/);
  refused({ module: '#internal', name }, /another thread can import/);
  for (const wrong of [null, undefined, 'x', {}, { module: 'x' }, { name }, { module: 'x', name: '' }]) {
    refused(wrong, /An address is/);
  }
});

test('what a script calls itself is no proof: nothing is loaded for it', limit, async (t) => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'isthmus-address-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const url = (name) => pathToFileURL(path.join(fs.realpathSync(folder), name)).href;
  const claimed = Symbol.for('isthmus test claimed');
  const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
  write(
    'claimed.mjs',
    `globalThis[Symbol.for('${claimed.description}')] = true; export const trap = () => 2;`,
  );
  write('real.mjs', `export const trap = () => 1;\n//# sourceURL=${url('claimed.mjs')}\n`);
  const { trap } = await import(url('real.mjs'));
  assert.deepEqual(addressOf(trap), { module: url('real.mjs'), name: 'trap' });
  assert.equal(globalThis[claimed], undefined, 'claimed.mjs was loaded');
});
