// How many processors this process may use: those that it may run on, and no more than what its control group grants, which Node's
// own `availableParallelism` knows from 22 on only.
import { availableParallelism } from 'node:os';
import { fs } from '../fs.js';

function textOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Processors' worth of time that a quota grants in each period (both in µs); undefined for none. */
function granted(quota: string | undefined, period: string | undefined): number | undefined {
  const worth = Number(quota) / Number(period);
  return worth > 0 && Number.isFinite(worth) ? worth : undefined;
}

/** This group's folder, and those above it: each of them limits. */
function* foldersOf(base: string, path: string): Generator<string> {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
    yield base + at;
    if (!at.includes('/') || at === '/') return;
  }
}

/** What the control groups grant, as the kernel tells it (cgroup v2's `cpu.max`, v1's `cpu.cfs_quota_us`); `root` is for tests. */
export function grantedProcessors(root = ''): number {
  let least = Number.POSITIVE_INFINITY;
  // Each line: a number, its controllers, and the group's path; in v2 there is one, without controllers.
  for (const line of textOf(`${root}/proc/self/cgroup`)?.split('\n') ?? []) {
    const [, controllers = '', path = '/'] = line.split(':');
    const isSecond = controllers === '';
    if (!isSecond && !controllers.split(',').includes('cpu')) continue;
    const base = `${root}/sys/fs/cgroup${isSecond ? '' : '/cpu'}`;
    for (const folder of foldersOf(base, path === '/' ? '' : path)) {
      const [quota, period] = isSecond
        ? (textOf(`${folder}/cpu.max`)?.split(' ') ?? [])
        : [textOf(`${folder}/cpu.cfs_quota_us`), textOf(`${folder}/cpu.cfs_period_us`)];
      least = Math.min(least, granted(quota, period) ?? least);
    }
  }
  return least;
}

/** The size of a pool that is told none: 2 at least, for one that waits must not stop all others. */
export function defaultSize(): number {
  return Math.max(2, Math.min(availableParallelism(), Math.ceil(grantedProcessors())));
}
