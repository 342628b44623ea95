// How large a pool is that is told no size: what the process's control groups grant counts, on every Node line.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { built } from '../channel/built.mjs';
import { limit } from './kit.mjs';

const { defaultSize, grantedProcessors } = await built('pool/processors.ts');

/** A folder with these files, as the kernel would show them. */
function kernel(scope, files) {
  const root = mkdtempSync(join(tmpdir(), 'isthmus-cgroup-'));
  scope.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
  return root;
}

const cases = {
  'no control groups': [{}, Number.POSITIVE_INFINITY],
  'version 2, in a container of its own': [
    { 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/cpu.max': '150000 100000' },
    1.5,
  ],
  'version 2, the least of this group and those above': [
    {
      'proc/self/cgroup': '0::/user.slice/a.service',
      'sys/fs/cgroup/user.slice/a.service/cpu.max': '400000 100000',
      'sys/fs/cgroup/user.slice/cpu.max': '300000 100000',
      'sys/fs/cgroup/cpu.max': 'max 100000',
    },
    3,
  ],
  'version 2, without a quota': [
    { 'proc/self/cgroup': '0::/a', 'sys/fs/cgroup/a/cpu.max': 'max 100000' },
    Number.POSITIVE_INFINITY,
  ],
  'version 1, by the path of another namespace': [
    {
      'proc/self/cgroup': '3:cpuset:/\n2:cpu,cpuacct:/docker/abc\n1:memory:/docker/abc',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '250000',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    },
    2.5,
  ],
  'version 1, without a quota': [
    {
      'proc/self/cgroup': '2:cpu:/',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    },
    Number.POSITIVE_INFINITY,
  ],
  'files that say nothing of the kind': [
    { 'proc/self/cgroup': 'what?', 'sys/fs/cgroup/cpu.max': '' },
    Number.POSITIVE_INFINITY,
  ],
};

for (const [name, [files, expected]] of Object.entries(cases)) {
  test(name, limit, (scope) => assert.equal(grantedProcessors(kernel(scope, files)), expected));
}

test('here: a whole number from 2 on', limit, () => {
  assert.ok(Number.isInteger(defaultSize()) && defaultSize() >= 2);
});
