/**
 * Writes a folder's package-lock.json anew, for every platform and naming no registry.
 *
 *   node scripts/lock.mjs [folder...]      after a change of dependencies; the root if no folder is given
 *
 * npm leaves out an optional package that the registry at hand does not carry, such as a binary for another
 * platform, and then its own `npm ci` refuses the lockfile. The package that asks for it names one exact version,
 * so that much can be written down; npm takes the rest from whichever registry has it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** For which platform a binary package is, told by its name, so that npm does not fetch the others. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const entry = {};
  const os = systems.filter((word) => words.includes(word));
  const cpu = processors.filter((word) => words.includes(word));
  if (os.length === 1) entry.os = os;
  if (cpu.length === 1) entry.cpu = cpu;
  if (words.includes('wasm32')) entry.cpu = ['wasm32'];
  if (words.includes('musl')) entry.libc = ['musl'];
  return entry;
}

function complete(packages) {
  const added = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      if (packages[place] || packages[`${path}/${place}`]) continue;
      if (!/^\d/.test(version))
        throw new Error(`${path} asks for ${name}@${version}, which is not one version`);
      added[place] = { version, ...platformOf(name), ...(dev && { dev }), optional: true };
    }
  }
  return added;
}

/** In a folder of its own, because npm would note the new versions in node_modules as if they were installed. */
function lock(manifest, previous) {
  const cwd = mkdtempSync(join(tmpdir(), 'isthmus-lock-'));
  try {
    writeFileSync(join(cwd, 'package.json'), manifest);
    if (previous) writeFileSync(join(cwd, 'package-lock.json'), previous);
    const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
    const options = ['--omit-lockfile-registry-resolved', '--loglevel=error'];
    const { status } = spawnSync('npm', [...args, ...options], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error('npm could not write a lockfile');
    return JSON.parse(readFileSync(join(cwd, 'package-lock.json'), 'utf8'));
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

for (const folder of process.argv.length > 2 ? process.argv.slice(2) : ['.']) {
  const file = join(root, folder, 'package-lock.json');
  const manifest = readFileSync(join(root, folder, 'package.json'), 'utf8');
  const written = lock(manifest, existsSync(file) && readFileSync(file, 'utf8'));
  const added = complete(written.packages);
  const byPath = ([a], [b]) => (a < b ? -1 : 1);
  written.packages = Object.fromEntries(Object.entries({ ...written.packages, ...added }).sort(byPath));
  writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`);
  console.log(
    `isthmus: ${join(folder, 'package-lock.json')}: ${Object.keys(added).length} packages added by name`,
  );
}
