// One file of the channel, built by itself; the package's public face does not export it.

import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** What src/<path> exports. */
export async function built(path) {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(`../../src/${path}`, import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
