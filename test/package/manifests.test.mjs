/**
 * Every package.json of the house pins exact versions, for a range picks another release on another Node line; and no
 * lockfile names the registry it was made from, so that each user's own is asked.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const limit = { timeout: 10_000 };
const exact = /^(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Every folder with a lockfile, but for what npm and git keep. */
function* locked(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === 'package-lock.json') yield folder;
    const inside = entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.');
    if (inside) yield* locked(join(folder, entry.name));
  }
}

const folders = [...locked('.')];

const read = (folder, name) => readFileSync(join(root, folder, name), 'utf8');

test('the root depends on nothing at run time; the frameworks of its adapters are optional', limit, () => {
  const manifest = JSON.parse(read('.', 'package.json'));
  for (const kind of ['dependencies', 'optionalDependencies']) {
    assert.equal(manifest[kind], undefined);
  }
  for (const name of Object.keys(manifest.peerDependencies)) {
    assert.deepEqual(manifest.peerDependenciesMeta[name], { optional: true }, name);
  }
});

test('the folders with a lockfile are found', limit, () => {
  assert.ok(folders.includes('.') && folders.includes(join('test', 'lines')), folders.join(', '));
});

for (const folder of folders) {
  test(`${folder}: package.json pins exact versions`, limit, () => {
    const { dependencies, devDependencies } = JSON.parse(read(folder, 'package.json'));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(version, exact, `${name}@${version}`);
    }
  });

  test(`${folder}: package-lock.json is whole and names no registry`, limit, () => {
    const { packages } = JSON.parse(read(folder, 'package-lock.json'));
    for (const [path, entry] of Object.entries(packages)) {
      assert.equal(entry.resolved, undefined, path);
      // `npm ci` refuses a lockfile that lacks a platform's optional package.
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
        assert.ok(
          places.some((place) => place in packages),
          `${path} needs ${name}, which is not locked`,
        );
      }
    }
    assert.doesNotMatch(read(folder, 'package-lock.json'), /registry\./);
  });
}
