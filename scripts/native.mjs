/**
 * Builds native/*.cc into native/build/pump.node with the plain system compiler and headers that are already
 * on the machine. Nothing is downloaded, and nothing outside Node itself is needed to run this file, because
 * it is also what `npm install` runs on a user's machine.
 *
 *   node scripts/native.mjs              build; exit 1 where that is not possible
 *   node scripts/native.mjs --optional   the same, but always exit 0: a package without its pump still installs,
 *                                        and native/build/why.json says what is missing
 *   --force                              build although the result is newer than its sources
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
const native = join(root, 'native');
const build = join(native, 'build');
const output = join(build, 'pump.node');
const whyFile = join(build, 'why.json');

/** What keeps the pump from being built; its message is a sentence for the user. */
class Missing extends Error {}

function findPrebuilt() {
  const folder = join(root, 'prebuilds');
  if (!existsSync(folder)) return undefined;
  const platform = `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
  const file = join(folder, platform, 'pump.node');
  return existsSync(file) ? file : undefined;
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  // Otherwise the report resolves the names of open sockets, which can take seconds.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

/** `native/*.cc` to compile, and everything whose change makes the result stale. */
function sources() {
  const names = existsSync(native) ? readdirSync(native).sort() : [];
  const pick = (pattern) => names.filter((name) => pattern.test(name)).map((name) => join(native, name));
  return { units: pick(/\.cc$/), inputs: [...pick(/\.(cc|h)$/), self] };
}

function isFresh(inputs) {
  if (!existsSync(output)) return false;
  const built = statSync(output).mtimeMs;
  return inputs.every((file) => statSync(file).mtimeMs < built);
}

/** Folders for -I: the first that holds node_api.h, and the first that holds uv.h. */
function includeFolders() {
  const ownFolders = [
    process.env.npm_config_nodedir && join(process.env.npm_config_nodedir, 'include', 'node'),
    join(dirname(process.execPath), '..', 'include', 'node'),
    ...['node20', 'node22', 'node24', 'node26'].map((line) =>
      join(root, 'test', 'lines', 'node_modules', line, 'include', 'node'),
    ),
  ].filter(Boolean);
  const find = (header, folders) => folders.find((folder) => existsSync(join(folder, header)));
  // Where uv.h is, Node's own node_api.h lies beside it, so users need no package of headers.
  const api = find('node_api.h', [nodeApiHeaders(), ...ownFolders].filter(Boolean));
  const uv = find('uv.h', ownFolders);
  if (api && uv) return [...new Set([api, uv])];
  const names = [!api && 'node_api.h', !uv && 'uv.h'].filter(Boolean).join(' and ');
  throw new Missing(
    `there is no ${names} (looked for Node's headers in ${ownFolders.join(', ')}); ` +
      'install the headers of this Node, or set npm_config_nodedir to a folder that has include/node',
  );
}

function nodeApiHeaders() {
  try {
    return createRequire(self)('node-api-headers').include_dir;
  } catch {
    return undefined;
  }
}

/** The command of the C++ compiler as a list. A CXX that is set is the only candidate, as make has it. */
function compiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  for (const candidate of candidates) {
    const command = candidate.trim().split(/\s+/);
    const probe = spawnSync(command[0], [...command.slice(1), '--version'], { stdio: 'ignore' });
    if (probe.status === 0) return command;
  }
  throw new Missing(
    process.env.CXX
      ? `the C++ compiler that CXX names (${process.env.CXX}) cannot be run`
      : `there is no C++ compiler (looked for ${candidates.join(', ')}); install one, such as g++`,
  );
}

function compile(units) {
  if (units.length === 0) throw new Missing('there are no sources in native/');
  const [cxx, ...cxxArgs] = compiler();
  const includes = includeFolders();
  mkdirSync(build, { recursive: true });
  // Two builds at once, or one that is killed, must never leave half a file where the loader looks.
  const partial = join(build, `pump.${process.pid}.partial`);
  const flags = ['-std=c++17', '-O2', '-fno-omit-frame-pointer', '-fno-exceptions', '-fno-rtti'];
  flags.push('-fvisibility=hidden', '-shared', '-fPIC', '-Wall', '-Wextra');
  const libraries = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-ldl', '-pthread'];
  const args = [...cxxArgs, ...flags, ...includes.map((folder) => `-I${folder}`)];
  try {
    const result = spawnSync(cxx, [...args, '-o', partial, ...units, ...libraries], { encoding: 'utf8' });
    if (result.stderr) process.stderr.write(result.stderr);
    if (result.status !== 0) {
      const errors = (result.stderr ?? '').split('\n').filter((line) => /error/i.test(line));
      throw new Missing(`${cxx} failed: ${errors[0] ?? result.error?.message ?? `status ${result.status}`}`);
    }
    renameSync(partial, output);
  } finally {
    rmSync(partial, { force: true });
  }
  return cxx;
}

/** Builds if need be. `{ built }`, `{ fresh }` or `{ why }`; never throws for something that is missing. */
export function buildNative({ force = false } = {}) {
  const started = performance.now();
  try {
    const prebuilt = force ? undefined : findPrebuilt();
    if (prebuilt)
      return explain(`not built here, because ${relative(root, prebuilt)} is there`, { fresh: true });
    if (process.platform !== 'linux' && process.platform !== 'darwin') {
      throw new Missing(`the pump is not written for ${process.platform} yet`);
    }
    const { units, inputs } = sources();
    if (!force && isFresh(inputs)) return { fresh: true };
    const cxx = compile(units);
    rmSync(whyFile, { force: true });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    return { built: `built ${relative(root, output)} with ${cxx} in ${seconds} s` };
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    return explain(error.message, { why: error.message });
  }
}

/** Leaves a note for the loader, which has only this to tell its caller. */
function explain(why, result) {
  // A result of older sources would be loaded in silence in place of this reason.
  rmSync(output, { force: true });
  mkdirSync(build, { recursive: true });
  writeFileSync(whyFile, `${JSON.stringify({ why })}\n`);
  return result;
}

if (process.argv[1] && realpathSync(process.argv[1]) === self) {
  const optional = process.argv.includes('--optional');
  try {
    const result = buildNative({ force: process.argv.includes('--force') });
    if (result.built) console.log(`isthmus: ${result.built}`);
    else if (result.fresh) console.log('isthmus: the pump is up to date');
    else console.error(`isthmus: the pump was not built: ${result.why}`);
    if (result.why && !optional) process.exitCode = 1;
  } catch (error) {
    console.error(`isthmus: the pump was not built: ${error.message}`);
    if (!optional) process.exitCode = 1;
  }
}
