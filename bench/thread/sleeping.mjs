/** The package as it is, but for its patience: this one never looks before it sleeps. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = (path) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const contents = 'export class Patience { looks = 0; note() { return false; } }';

/** Builds it for as long as this process lives; its entry. */
export async function buildSleeping() {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-sleeping-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  let replaced = 0;
  const patience = {
    name: 'patience',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]channel[\\/]patience\.ts$/ }, () => {
        replaced++;
        return { contents, loader: 'ts' };
      });
    },
  };
  await build({
    entryPoints: { index: source('index.ts'), service: source('worker/service.ts') },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    plugins: [patience],
  });
  if (replaced === 0) throw new Error('src/channel/patience.ts is not part of the package any more');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  return join(folder, 'index.js');
}
