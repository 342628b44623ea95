// Puts a host's packages and a real installation of isthmus in place, and only when something is missing.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const hostsDir = dirname(fileURLToPath(import.meta.url));
export const root = join(hostsDir, '..', '..');

const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

function must(what, command, args, options) {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000, ...options });
  if (done.status === 0) return done;
  throw new Error(`${what} failed: ${done.error?.message ?? done.stderr}\n${done.stdout ?? ''}`);
}

// npm writes node_modules/.package-lock.json last, so a half-finished install counts as none.
/** `npm ci` in `dir`, unless its node_modules is at least as new as its lockfile. */
export function installPackages(dir = hostsDir) {
  const name = dir.slice(root.length + 1);
  const began = performance.now();
  if (changed(join(dir, 'node_modules', '.package-lock.json')) >= changed(join(dir, 'package-lock.json'))) {
    console.log(`${name}: packages are in place`);
    return;
  }
  must('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: dir });
  console.log(`${name}: packages installed in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/**
 * Packs the repository as it would be published, extracts it to `<work>/node_modules/isthmus`, and adds the
 * binary that the install script would have compiled there.
 */
export function installIsthmus(work) {
  const target = join(work, 'node_modules', 'isthmus');
  const packed = mkdtempSync(join(tmpdir(), 'isthmus-pack-'));
  try {
    must('npm pack', 'npm', ['pack', '--ignore-scripts', '--pack-destination', packed], { cwd: root });
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    const [tarball] = readdirSync(packed);
    must('tar', 'tar', ['-xzf', join(packed, tarball), '--strip-components=1', '-C', target]);
  } finally {
    rmSync(packed, { recursive: true, force: true });
  }
  const binary = join('native', 'build', 'pump.node');
  if (existsSync(join(root, binary))) cpSync(join(root, binary), join(target, binary));
  return target;
}
