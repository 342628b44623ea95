// The room as it is built; the package's public face does not export it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const at = (path) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'isthmus-task-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The bundle's file, for a child process or a Worker. */
export const file = join(folder, 'task.mjs');
const room = ['errors.ts', 'task/address.ts', 'task/load.ts', 'task/source.ts', 'task/inspect.ts'];
buildSync({
  stdin: { contents: room.map((path) => `export * from ${at(path)};`).join('\n'), resolveDir: folder },
  outfile: file,
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});

export const task = await import(pathToFileURL(file).href);
