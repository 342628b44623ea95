/** Who is measured, and what has to be there for it. `ours` first; `await` is what async code pays, as a landmark. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = dirname(dirname(fileURLToPath(import.meta.url)));

export const ours = 'isthmus';
export const landmark = 'await';
export const peers = ['@kaciras/deasync', 'deasync'];
export const libraries = [ours, ...peers, landmark];

/** `{ skip }` says why a library cannot be measured on the Node at `execPath`; `{}` when it can. */
export function prepare(library, execPath) {
  if (library === '@kaciras/deasync') return compileKaciras(execPath);
  if (library === 'deasync') return findDeasync(execPath);
  return {};
}

/** Its package carries a binary for each Node line. */
function findDeasync(execPath) {
  const script =
    "process.stdout.write([process.platform, process.arch, 'node', parseInt(process.version.slice(1))].join('-'))";
  const name = spawnSync(execPath, ['-e', script], { encoding: 'utf8' }).stdout;
  if (existsSync(join(bench, 'node_modules', 'deasync', 'bin', name, 'deasync.node'))) return {};
  return { skip: `its package has no binary for ${name}` };
}

/**
 * Its package leaves the build to an install script that downloads. It is one file on Node-API, which the plain
 * compiler builds as node-gyp's release settings would, once for every Node line.
 */
function compileKaciras(execPath) {
  const folder = join(bench, 'node_modules', '@kaciras', 'deasync');
  const output = join(folder, 'build', 'Release', 'binding.node');
  if (existsSync(output)) return {};
  const candidates = [execPath, process.execPath].map((path) => join(dirname(path), '..', 'include', 'node'));
  const include = candidates.find((path) => existsSync(join(path, 'uv.h')));
  if (!include)
    return { skip: `its binary has to be built, and there is no uv.h in ${candidates.join(' or ')}` };
  mkdirSync(dirname(output), { recursive: true });
  const partial = `${output}.${process.pid}`;
  const flags = ['-std=c++17', '-O3', '-shared', '-fPIC', '-fno-exceptions', '-fno-rtti'];
  const defines = ['-DNODE_GYP_MODULE_NAME=binding', '-DBUILDING_NODE_EXTENSION'];
  const compiler = process.env.CXX ?? 'c++';
  const args = [...flags, ...defines, `-I${include}`, '-o', partial, join(folder, 'src', 'deasync.cc')];
  const { status, stderr, error } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0)
    return { skip: `its binary has to be built, and ${compiler} failed: ${error?.message ?? stderr}` };
  renameSync(partial, output);
  return {};
}
