// Compiles fixtures/addon.cc once into a folder of its own, where there is a compiler and Node's headers.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function headers() {
  const beside = join(dirname(process.execPath), '../include/node');
  if (existsSync(join(beside, 'node_api.h'))) return beside;
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return null;
  }
}

/** The environment for the matrix's processes: the addon's path, or the reason why there is none. */
export function compileAddon() {
  const missing = (reason) => ({ env: { ISTHMUS_MATRIX_NO_ADDON: reason }, folder: null });
  const include = headers();
  if (include === null) return missing("Node's headers were not found");
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-matrix-addon-'));
  const file = join(folder, 'matrix.node');
  const source = fileURLToPath(new URL('fixtures/addon.cc', import.meta.url));
  // Without frame pointers, as many compilers build by default: a walk of the stack must not rely on them.
  const flags = [
    '-O2',
    '-fomit-frame-pointer',
    '-shared',
    '-fPIC',
    '-std=c++17',
    `-I${include}`,
    '-o',
    file,
    source,
  ];
  const { error, status, stderr } = spawnSync(process.env.CXX ?? 'c++', flags, { encoding: 'utf8' });
  if (error) return { ...missing(`no compiler: ${error.message}`), folder };
  if (status !== 0) return { ...missing(`the addon did not compile: ${stderr.slice(0, 300)}`), folder };
  return { env: { ISTHMUS_MATRIX_ADDON: file }, folder };
}
