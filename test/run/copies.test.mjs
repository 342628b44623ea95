// Two copies of the package in one process, as where a program and one of its dependencies each have their own.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { places, root } from './script.mjs';

for (const [place, playIn] of Object.entries(places)) {
  test(`both work in ${place}, and inside each other`, { timeout: 30_000 }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'isthmus-copy-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    for (const part of ['dist', 'native/build', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    const other = JSON.stringify(pathToFileURL(join(folder, 'dist', 'index.js')).href);
    const script = `
      const { run: again, canRun: can, turn: line } = await import(${other});
      assert.notEqual(run, again);
      assert.equal(can().how, 'loop', can().why);
      assert.equal(again(later(1, 'other')), 'other');
      const inside = async () => { await later(1); return again(async () => { await later(1); return run(later(1, 'nested')); }); };
      assert.equal(run(inside()), 'nested');
      setImmediate(() => {
        assert.equal(again(new Promise((resolve) => setImmediate(resolve, 'immediate'))), 'immediate');
        setTimeout(async () => {
          await Promise.all([turn(), line()]);
          assert.equal(run(later(1, 'turn')), 'turn');
          console.log('both');
        }, 1);
      });`;
    assert.equal(await playIn(script), 'both\n');
  });
}
