// The same suite in every test runner, against isthmus as it installs. ISTHMUS_LINES=all runs it on every Node line.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runChild } from './child.mjs';
import { hostsDir, installIsthmus, installPackages } from './install.mjs';
import { chosenLines } from './lines.mjs';
import { hosts } from './runners.mjs';

const work = join(hostsDir, '.work', 'hosts');
const limit = 60_000;

function prepare() {
  installPackages();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'reports'), { recursive: true });
  cpSync(join(hostsDir, 'specs'), join(work, 'specs'), { recursive: true });
  writeFileSync(join(work, 'package.json'), '{ "name": "isthmus-user", "private": true }\n');
  writeFileSync(
    join(work, 'ava.config.mjs'),
    "export default { files: ['specs/ava.*'], failWithoutAssertions: false };\n",
  );
  installIsthmus(work);
}

const below = (version, [major, minor]) => {
  const [a, b] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
};

async function runHost(host, line, report) {
  const done = await runChild(line.node, host.args(report), { cwd: work, limit });
  const output = `${done.stdout}\n${done.stderr}`;
  assert.equal(done.timedOut, false, `killed after ${limit} ms:\n${output}`);
  let found;
  try {
    found = host.read({ report, stdout: done.stdout });
  } catch (error) {
    assert.fail(`exit code ${done.code}, and no report (${error.message}):\n${output}`);
  }
  return { ...done, ...found, output };
}

prepare();
let count = 0;

for (const line of chosenLines()) {
  describe(`Node ${line.version}`, { concurrency: 2 }, () => {
    for (const host of hosts) {
      test(host.name, { timeout: limit + 10_000 }, async () => {
        const done = await runHost(host, line, join(work, 'reports', `${count++}.json`));
        const says = (what) =>
          console.log(`${host.name}, Node ${line.version}: ${what}, ${done.ms.toFixed(0)} ms`);
        if (host.refused && below(line.version, host.refused.below)) {
          assert.notEqual(done.code, 0);
          assert.match(done.failures.join('\n'), host.refused.by);
          says('refused by the runner, as documented');
          return;
        }
        if (done.failures.length > 0) assert.fail(`\n${done.failures.join('\n\n')}`);
        assert.equal(done.passed, host.expected);
        assert.equal(done.code, 0, done.output);
        says(`${done.passed} passed`);
      });
    }
  });
}
