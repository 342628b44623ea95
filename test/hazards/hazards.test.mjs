// What a nested loop breaks: each scenario hangs, spins, aborts or crashes with a naive one. Each runs in a process of
// its own, on every line, on the main thread and in a Worker.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const limit = 10_000;
const scene = fileURLToPath(new URL('scene.mjs', import.meta.url));
// Freed memory is overwritten, and damage to the heap ends the process.
const env = { MALLOC_PERTURB_: '165', MALLOC_CHECK_: '3' };

const scenarios = [];
for (const name of readdirSync(new URL('scenarios/', import.meta.url))) {
  const file = name.replace('.mjs', '');
  const { threads = ['main', 'worker'], ...functions } = await import(`./scenarios/${name}`);
  for (const title of Object.keys(functions)) scenarios.push({ file, title, threads });
}

for (const line of allLines()) {
  test(`Node ${line.version}`, { concurrency: availableParallelism(), timeout: 600_000 }, async (t) => {
    const all = scenarios.flatMap(({ file, title, threads }) =>
      threads.map((thread) => [file, title, thread]),
    );
    await Promise.all(
      all.map((asked) =>
        t.test(asked.join(' '), { timeout: limit + 5_000 }, async () => {
          const done = await runChild(line.node, ['--expose-gc', scene, ...asked], { limit, env });
          const end = done.timedOut
            ? `it did not end within ${limit} ms`
            : `it ended with ${done.signal ?? done.code}`;
          assert.equal(done.stdout.trim(), 'passed', `${end}\n${done.stdout}${done.stderr}`);
        }),
      ),
    );
  });
}
