// Functions of TypeScript files: where Node strips types itself they are as any other; where it does not, or cannot, the
// error says what to do. Under tsx: test/hosts/tsx.test.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toThread } from 'isthmus';
import { limit, outcome } from './kit.mjs';

const strips = process.features.typescript === 'strip';
const fixture = new URL('../task/fixtures/typed.mts', import.meta.url).href;
const compiled = new URL('../hosts/tsx/functions.ts', import.meta.url).href;

test('a function of a TypeScript file', { ...limit, skip: !strips && 'Node strips no types' }, async () => {
  const { typed } = await import(fixture);
  assert.equal(await toThread(typed, 1), 2);
  assert.equal(await toThread({ module: fixture, name: 'typed' }, 2), 3);
});

const unloadable = strips ? [compiled] : [fixture, compiled];
for (const module of unloadable) {
  test(`${module.split('/').pop()} needs a loader: the error says which`, limit, async () => {
    const { thrown } = await outcome(toThread({ module, name: 'add' }, 1, 2));
    assert.equal(thrown?.code, 'ERR_ISTHMUS_LOAD', String(thrown));
    assert.match(
      thrown.message,
      /could not be imported: .*Run the program under a TypeScript loader: node --import tsx/s,
    );
  });
}
