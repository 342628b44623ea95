// What becomes of a pool's processes when their host ends, in whatever way; and of a host when they cannot start.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runChild } from '../hosts/child.mjs';
import { lines } from '../lines/lines.mjs';
import { root } from '../run/script.mjs';
import { limit, until } from './kit.mjs';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-life-'));
after(() => rmSync(folder, { recursive: true }));

const head = `
import { createPool, toProcess } from 'isthmus';
import { writeFileSync } from 'node:fs';
const t = await import(${JSON.stringify(new URL('../thread/functions.mjs', import.meta.url).href)});
const p = await import(${JSON.stringify(new URL('process-functions.mjs', import.meta.url).href)});
`;

/** Whether that process is there; one that has ended and was not waited for is not. */
function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const script = (text, options = {}) =>
  runChild(options.node ?? process.execPath, ['--input-type=module', '--eval', head + text], {
    limit: 40_000,
    cwd: root,
    ...options,
  });

let files = 0;
const aFile = () => join(folder, `${files++}`);

for (const { line, execPath, skip } of [{ line: 'this', execPath: process.execPath }, ...lines]) {
  for (const [what, work] of Object.entries({
    idle: 'console.log(await toProcess(p.pid));',
    'in a sync loop': 'void toProcess(p.deaf, FILE);',
    'in its very first task, just begun': 'createPool({ kind: "process", size: 1 }).run(p.deaf, FILE);',
    'waiting for a timer':
      'void toProcess(p.waitsForGate, () => new Promise(() => {})); console.log(await toProcess(p.pid));',
  })) {
    test(`Node ${line}: a host that is killed leaves no process behind that is ${what}`, {
      ...limit,
      skip,
    }, async () => {
      const file = aFile();
      let pid;
      const { signal, timedOut } = await script(
        `setInterval(() => {}, 1000); ${work.replace('FILE', JSON.stringify(file))}`,
        {
          node: execPath,
          started: async (child, out) => {
            child.stdin.end();
            await until(() => {
              const said = existsSync(file) ? readFileSync(file, 'utf8') : out.stdout.trim();
              pid = Number(said.split('\n')[0]);
              return pid > 0;
            });
            assert.ok(isAlive(pid));
            child.kill('SIGKILL');
          },
        },
      );
      // Its pipes are those of its processes too, so this is not before they have ended.
      assert.deepEqual([signal, timedOut], ['SIGKILL', false]);
      await until(() => !isAlive(pid));
    });
  }
}

test('a host ends by itself beside an idle pool, and its process with it', limit, async () => {
  const { code, stdout, stderr } = await script('console.log(await toProcess(p.pid));');
  assert.equal(code, 0, stderr);
  await until(() => !isAlive(Number(stdout)));
});

test('a pending task keeps its host alive until it settles', limit, async () => {
  const { code, stdout, stderr } = await script(
    `toProcess(t.sleep, 300, 'slept').then((value) => console.log(value));`,
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'slept\n');
});

test('process.exit() ends it at once, in the middle of a task', limit, async () => {
  const file = aFile();
  const { code } = await script(
    `void toProcess(p.deaf, ${JSON.stringify(file)});
    setInterval(() => { try { if (readFileSync(${JSON.stringify(file)}).length > 0) process.exit(5); } catch {} }, 2);
    import { readFileSync } from 'node:fs';`,
  );
  assert.equal(code, 5);
  await until(() => !isAlive(Number(readFileSync(file, 'utf8'))));
});

test('what a process prints is there, live and complete, also when it exits right after', limit, async () => {
  const { stdout } = await script(
    `await toProcess(t.print, 'one', 'two');
    console.log('host');
    await toProcess(t.printAndExit, 100_000).catch(() => {});
    console.log('end');`,
  );
  const [one, two, host, long, its, end] = stdout.split('\n');
  assert.deepEqual([one, two, host, its, end], ['one', 'two', 'host', 'the end', 'end']);
  assert.ok(long.length >= 100_000, `${long.length}`);
});

test('where no process can be started each task is told so, and nothing hangs', limit, async () => {
  const { code, stdout, stderr } = await script(
    `process.execPath = '/none/such';
    process.on('warning', ({ message }) => console.log(message));
    for (let i = 0; i < 2; i++) {
      const error = await toProcess(t.add, 1, 2).catch((thrown) => thrown);
      console.log(error.code, error.cause?.code, /could not be started/.test(error.message));
    }
    await new Promise(setImmediate);`,
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'ERR_ISTHMUS_PROCESS_DIED ENOENT true\n'.repeat(2));
});

test(
  'flags of a program that is no file, its test runner and its inspector stay with it',
  limit,
  async () => {
    const { code, stdout, stderr } = await runChild(
      process.execPath,
      [
        '--inspect=127.0.0.1:0',
        '--test-name-pattern',
        'one of them',
        '--no-warnings',
        '--input-type=module',
        '--eval',
        `${head} console.log(JSON.stringify((await toProcess(p.facts)).flags));`,
      ],
      { limit: 40_000, cwd: root },
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), ['--no-warnings']);
  },
);

test('where there is no descriptor left tasks are told so, and later ones work', limit, async () => {
  const text = `${head}
    import { closeSync, openSync } from 'node:fs';
    const open = [];
    try { for (;;) open.push(openSync('/dev/null')); } catch {}
    for (let i = 0; i < 4; i++) closeSync(open.pop());
    const error = await toProcess(t.add, 1, 2).catch((thrown) => thrown);
    console.log(error.code, error.cause?.code);
    for (const fd of open) closeSync(fd);
    console.log(await toProcess(t.add, 1, 2));`;
  const { code, stdout, stderr } = await runChild(
    'sh',
    ['-c', 'ulimit -n 80 && exec "$0" --input-type=module --eval "$1"', process.execPath, text],
    { limit: 40_000, cwd: root },
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'ERR_ISTHMUS_PROCESS_DIED EMFILE\n3\n');
});
