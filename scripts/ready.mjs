/**
 * Installs and builds what is missing, and is quick and silent when nothing is. It needs nothing from
 * node_modules, because on a fresh clone there is none.
 *
 *   node scripts/ready.mjs [folder...]   also installs the packages in these folders, such as test/lines or bench
 *   --force                              build although the results are newer than their sources
 *   --strict                             fail where the pump cannot be built, instead of saying so and going on
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNative } from './native.mjs';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));

/** On stderr, so that `npm pack --json` and the like keep their stdout for themselves. */
const say = (line) => process.stderr.write(`isthmus: ${line}\n`);

/** A step that takes long enough for a reader to wonder: named before it starts, timed when it is done. */
function step(name, work) {
  const started = performance.now();
  say(`${name} ...`);
  work();
  say(`${name}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function execute(command, args, options) {
  const result = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options });
  if (result.status === 0) return;
  const reason = result.error?.message ?? `it ended with ${result.signal ?? `status ${result.status}`}`;
  throw new Error(`${command} ${args.join(' ')}: ${reason}`);
}

/** The lockfile's packages and what npm has put into node_modules, compared by content: git changes times. */
function isInstalled(folder) {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = read(join(folder, 'package-lock.json'));
  const present = read(installed);
  return (
    Object.keys(present).every((path) => path in wanted) &&
    Object.entries(wanted).every(
      ([path, { version, integrity, optional }]) =>
        path === '' ||
        (present[path]
          ? present[path].version === version && present[path].integrity === integrity
          : optional),
    )
  );
}

function install(folder) {
  const path = join(root, folder);
  if (!existsSync(join(path, 'package-lock.json'))) throw new Error(`${folder} has no package-lock.json`);
  if (isInstalled(path)) return;
  const name = folder === '' ? 'installing the dependencies' : `installing the dependencies of ${folder}`;
  // No dependency here needs its install scripts, and the pump is built below, where its output is seen.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  step(name, () => execute('npm', args, { cwd: path }));
}

/** A package that has isthmus for a peer, as a user's would, finds this very one. */
function link(folder) {
  const path = join(root, folder);
  const { peerDependencies } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const place = join(path, 'node_modules', 'isthmus');
  if (peerDependencies?.isthmus && !existsSync(place)) symlinkSync(relative(dirname(place), root), place);
}

/** The newest change below a folder; the folders' own times show that a file was taken away. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Renames, unless another build that runs at the same time has just done so: then its result stands. */
function swap(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

function buildDist(force) {
  const dist = join(root, 'dist');
  const entry = join(dist, 'index.js');
  const changed = Math.max(newest(join(root, 'src')), newest(join(root, 'tsconfig.json')));
  if (!force && existsSync(entry) && statSync(entry).mtimeMs > changed) return;
  // The adapters' types are made of the frameworks' own.
  install('test/web');
  // Compiled beside it and swapped in, so that a program that is running now never meets half a build.
  const fresh = `${dist}.${process.pid}`;
  const old = `${fresh}.old`;
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    step('compiling src', () => {
      execute(process.execPath, [tsc, '-p', root, '--outDir', fresh, '--emitDeclarationOnly']);
      bundle(
        {
          index: 'index.ts',
          service: 'worker/service.ts',
          'pool-worker': 'worker/pool-worker.ts',
          'pool-process': 'worker/pool-process.ts',
          'pool-lane': 'worker/pool-lane.ts',
        },
        fresh,
      );
      // The adapters leave the package itself out: its pools and contexts have to be one, whoever imports it.
      const adapters = ['express', 'fastify', 'health', 'hono', 'http', 'received', 'standard'];
      bundle(Object.fromEntries(adapters.map((name) => [`web/${name}`, `web/${name}.ts`])), fresh, [
        '--external:../index.js',
      ]);
    });
    swap(dist, old);
    swap(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** One file for each thing that is loaded by itself, because a user's import pays for each. */
function bundle(entries, folder, more = []) {
  const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild');
  const options = [
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node20',
    '--sourcemap',
    '--log-level=warning',
  ];
  const inputs = Object.entries(entries).map(([name, path]) => `${name}=${join(root, 'src', path)}`);
  execute(process.execPath, [esbuild, ...inputs, `--outdir=${folder}`, ...options, ...more]);
}

function buildPump(force, strict) {
  const { built, why } = buildNative({ force });
  if (built) say(built);
  if (why && strict) throw new Error(`the pump was not built: ${why}`);
  if (why) say(`the pump was not built: ${why}`);
}

export function ready({ folders = [], force = false, strict = false } = {}) {
  install('');
  for (const folder of folders) {
    install(folder);
    link(folder);
  }
  buildPump(force, strict);
  buildDist(force);
}

if (process.argv[1] && realpathSync(process.argv[1]) === self) {
  const args = process.argv.slice(2);
  const folders = args.filter((arg) => !arg.startsWith('--'));
  try {
    ready({ folders, force: args.includes('--force'), strict: args.includes('--strict') });
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
