// Whatever becomes of the service thread, of the caller or of the process: bounded, named, and the next call works.
// Each in processes of its own, on every Node line.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cleanEnv, runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';
import { root } from '../run/script.mjs';
import { head, play, scriptFile, start } from './kit.mjs';

const limit = { timeout: 120_000 };
const lines = allLines();
const folder = mkdtempSync(join(tmpdir(), 'isthmus-death-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const fixture = (name) => JSON.stringify(new URL(name, import.meta.url).href);

/** Scripts that end well, by what they show. */
const scripts = {
  'process.exit(n) in the function': `
    for (const [fn, code] of [[f.exit, 0], [f.exit, 3], [f.exitLater, 5]]) {
      const { thrown } = caught(() => runInThread(fn, code));
      assert.equal(thrown.code, 'ERR_ISTHMUS_THREAD_DIED');
      assert.match(thrown.message, new RegExp('process\\\\.exit\\\\(' + code + '\\\\)'));
      works();
    }`,
  'an error in a timer that nobody catches': `
    for (const fn of [f.crash, f.reject]) {
      const { thrown } = caught(() => runInThread(fn, 'stray'));
      assert.equal(thrown.code, 'ERR_ISTHMUS_THREAD_DIED');
      const { cause } = thrown;
      assert.ok(cause instanceof TypeError, String(cause));
      assert.deepEqual([cause.message, cause.code], ['stray', 'E_MINE']);
      works();
    }
    for (const [kind, expected] of [['undefined', undefined], ['zero', 0], ['null', null]]) {
      const { thrown } = caught(() => runInThread(f.crashWith, kind));
      assert.equal(thrown.code, 'ERR_ISTHMUS_THREAD_DIED');
      assert.equal(thrown.cause, expected);
      works();
    }
    for (const kind of ['symbol', 'fn', 'withFunction', 'hostile', 'long']) {
      assert.equal(codeOf(() => runInThread(f.crashWith, kind)), 'ERR_ISTHMUS_THREAD_DIED');
      works();
    }`,
  'a thread that dies after its answer': `
    for (let i = 0; i < 3; i++) {
      assert.equal(runInThread(f.crashAfterwards), 'was given');
      await new Promise((resolve) => setTimeout(resolve, 100));
      works();
      assert.equal(runInThread(f.crashAfterwards), 'was given');
      // At once: either the call is answered, or its thread is known to have died.
      const code = codeOf(() => runInThread(f.add, 1, 2));
      assert.ok(code === 'ERR_ISTHMUS_THREAD_DIED' || code.value === 3, String(code));
      works();
    }`,
  'a module that does not load, or exits while it does': `
    for (let i = 0; i < 3; i++) {
      const { thrown } = caught(() => runInThread({ module: ${fixture('fixture-throws.mjs')}, name: 'never' }));
      assert.equal(thrown.code, 'ERR_ISTHMUS_LOAD');
      assert.ok(thrown.cause instanceof RangeError);
      assert.equal(thrown.cause.message, 'this module does not load');
      works();
    }
    const { thrown } = caught(() => runInThread({ module: ${fixture('fixture-exits.mjs')}, name: 'never' }));
    assert.equal(thrown.code, 'ERR_ISTHMUS_THREAD_DIED');
    assert.match(thrown.message, /process\\.exit\\(7\\)/);
    works();`,
  'a function that spins': `
    const before = performance.now();
    works();
    const threads = runInThread(f.threadCount);
    for (let i = 0; i < 3; i++) {
      const from = performance.now();
      assert.equal(codeOf(() => runInThread.with({ timeout: 100 })(f.spin)), 'ERR_ISTHMUS_TIMEOUT');
      const ms = performance.now() - from;
      assert.ok(ms >= 95 && ms < 2000, ms + ' ms');
      works();
    }
    // The spinning threads are gone: there are no more than before, and the processor is at rest.
    while (runInThread(f.threadCount) > threads) await new Promise((resolve) => setTimeout(resolve, 20));
    for (;;) {
      const busy = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { user, system } = process.cpuUsage(busy);
      if (user + system < 100_000) break;
    }`,
  'a spinning function without a next call is ended too': `
    works();
    assert.equal(codeOf(() => runInThread.with({ timeout: 50 })(f.spin)), 'ERR_ISTHMUS_TIMEOUT');
    for (;;) {
      const busy = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { user, system } = process.cpuUsage(busy);
      if (user + system < 100_000) break;
    }
    works();`,
  'work that is given up is told, and its thread is kept': `
    import { existsSync, readFileSync } from 'node:fs';
    runInThread(f.counter);
    const file = process.env.FILE;
    assert.equal(codeOf(() => runInThread.with({ timeout: 300 })(f.untilAborted, file)), 'ERR_ISTHMUS_TIMEOUT');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(readFileSync(file, 'utf8'), 'AbortError');
    assert.equal(runInThread(f.counter), 2);`,
  'work that is given up is told before the next call begins': `
    import { readFileSync } from 'node:fs';
    works();
    const file = process.env.FILE;
    assert.equal(codeOf(() => runInThread.with({ timeout: 300 })(f.untilAborted, file)), 'ERR_ISTHMUS_TIMEOUT');
    // 'late' is given up with its call; this one gets its own.
    assert.equal(runInThread(f.add, 40, 2), 42);
    assert.equal(runInThread(f.sleep, 20, 'slept'), 'slept');
    assert.equal(readFileSync(file, 'utf8'), 'AbortError');`,
  'late results are dropped': `
    let timeouts = 0;
    for (let i = 0; i < 30; i++) {
      const late = { late: i, text: 'x'.repeat(i % 2 ? 100_000 : 10) };
      const { thrown, value } = caught(() => runInThread.with({ timeout: i % 4 })(f.sleep, 5, late));
      // On a machine that is busy elsewhere the answer may be there when the caller looks for the first time.
      if (thrown === undefined) assert.deepEqual(value, late);
      else assert.equal(thrown.code, 'ERR_ISTHMUS_TIMEOUT');
      if (thrown !== undefined) timeouts++;
      assert.equal(runInThread(f.sleep, 5 + i % 5, i), i);
      assert.equal(runInThread(f.echo, i), i);
    }
    assert.ok(timeouts > 15, timeouts + ' timeouts');`,
  'calls in calls, in a Worker and inside run()': `
    assert.equal(runInThread(f.inner, 41), 42);
    assert.equal(runInThread(f.deeper, 3), 3);
    assert.deepEqual(runInThread(f.inWorker), [3, 'async', [2, 4]]);
    assert.equal(run(async () => runInThread(f.add, 1, 2)), 3);
    assert.equal(run(async () => { await null; return runInThread(f.echoLater, 'in run'); }), 'in run');
    const all = run(() => Promise.all([1, 2, 3].map(async (n) => { await null; return runInThread(f.add, n, n); })));
    assert.deepEqual(all, [2, 4, 6]);
    assert.equal(codeOf(() => run(async () => runInThread(f.exit, 1))), 'ERR_ISTHMUS_THREAD_DIED');
    works();`,
  'fork after the first use': `
    import { fork } from 'node:child_process';
    works();
    const child = fork(new URL(${fixture('fork.mjs')}));
    const message = await new Promise((resolve, reject) => child.on('message', resolve).on('error', reject));
    assert.equal(message, 42);
    assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 0);
    works();`,
};
let files = 0;
for (const { version, node } of lines) {
  for (const [name, script] of Object.entries(scripts)) {
    test(`Node ${version}: ${name}`, limit, async () => {
      await play(script, node, { limit: 60_000, env: { FILE: join(folder, `${files++}`) } });
    });
  }

  test(`Node ${version}: under the flags of a script that is no file`, limit, async () => {
    for (const flags of [['--input-type=module', '--eval'], ['--eval']]) {
      const script =
        flags.length > 1
          ? `${head} works();`
          : `import('isthmus').then(({ runInThread }) => { if (runInThread({ module: 'node:path', name: 'basename' }, '/a/b') !== 'b') process.exit(1); });`;
      const { code, stderr } = await runChild(node, [...flags, script], { limit: 30_000, cwd: root });
      assert.equal(code, 0, `${flags}: ${stderr}`);
    }
  });

  test(`Node ${version}: a thread out of memory`, limit, async () => {
    // A small heap for the thread: the options of the process hold for it too.
    const script = `
      works();
      const before = performance.now();
      const { thrown } = caught(() => runInThread(f.outOfMemory));
      assert.equal(thrown.code, 'ERR_ISTHMUS_THREAD_DIED', String(thrown));
      works();`;
    const args = ['--max-old-space-size=96', scriptFile(script)];
    const { code, stdout, stderr } = await runChild(node, args, { limit: 60_000, cwd: root });
    assert.equal(code, 0, stdout + stderr);
  });

  test(`Node ${version}: the process ends by itself, with its own code`, limit, async () => {
    for (const [script, expected] of [
      ['works();', 0],
      ['works(); process.exitCode = 9;', 9],
      ['works(); process.exit(8);', 8],
      ['codeOf(() => runInThread(f.exit, 3));', 0],
      ["codeOf(() => runInThread(f.crash, 'stray'));", 0],
      ['codeOf(() => runInThread.with({ timeout: 30 })(f.never));', 0],
      ['codeOf(() => runInThread.with({ timeout: 30 })(f.spin));', 0],
      ['codeOf(() => runInThread.with({ timeout: 30 })(f.spin)); process.exit(6);', 6],
      ['works(); runInThread(f.tick, new SharedArrayBuffer(4), 1);', 0],
      ['runInThread(f.keep, () => {}); setTimeout(() => process.exit(5), 50);', 5],
      ["process.on('exit', () => { works(); }); works();", 0],
      ["works(); throw new Error('own');", 1],
    ]) {
      const { code, stderr, ms } = await start(script, node, { limit: 30_000 });
      assert.equal(code, expected, `${script}: ${stderr}`);
      assert.ok(ms < 10_000, `${script}: ${ms} ms`);
    }
  });

  test(`Node ${version}: SIGINT while the caller sleeps`, limit, async () => {
    for (const fn of ['never', 'spin']) {
      const script = `works(); process.stdout.write('ready\\n'); runInThread(f.${fn}); console.log('went on');`;
      const { code, signal, stdout, timedOut } = await runChild(node, [scriptFile(script)], {
        limit: 30_000,
        cwd: root,
        started: (child) => child.stdout.once('data', () => child.kill('SIGINT')),
      });
      assert.ok(!timedOut, 'it has to end');
      assert.ok(signal === 'SIGINT' || code === 130, `${code} ${signal}`);
      assert.equal(stdout, 'ready\n');
    }
  });

  test(`Node ${version}: the thread’s output is live, in order and complete`, limit, async () => {
    const script = `
      for (let i = 0; i < 200; i++) {
        console.log('caller ' + i);
        runInThread(i % 3 ? f.print : f.printLater, 'thread ' + i);
      }
      const { thrown } = caught(() => runInThread(f.printAndExit, 300_000));
      console.log(thrown.code);
      runInThread(f.print, 'last');`;
    const expected = `${Array.from({ length: 200 }, (_, i) => `caller ${i}\nthread ${i}\n`).join('')}${'x'.repeat(300_000)}\nthe end\nERR_ISTHMUS_THREAD_DIED\nlast\n`;
    // A file and a pipe; the caller’s own writes to a pipe are sync only where Node makes them so.
    const file = join(folder, `output-${files++}`);
    const descriptor = openSync(file, 'w');
    const child = spawn(node, [scriptFile(script)], {
      cwd: root,
      env: cleanEnv(),
      stdio: ['ignore', descriptor, 'inherit'],
      timeout: 60_000,
    });
    const code = await new Promise((resolve, fail) => child.on('exit', resolve).on('error', fail));
    closeSync(descriptor);
    assert.equal(code, 0);
    assert.ok(readFileSync(file, 'utf8') === expected, 'a file');
    const piped = await start(script, node);
    assert.equal(piped.code, 0, piped.stderr);
    const { stdout } = piped;
    assert.ok(stdout === expected, `a pipe: ${stdout.replace(/x{9,}/, 'x…x').slice(-200)}`);
  });

  test(`Node ${version}: output shows while the thread still works`, limit, async () => {
    const script = "runInThread(f.printAndSpin, 'before the end'); console.log('never');";
    const { stdout } = await runChild(node, [scriptFile(script)], {
      limit: 60_000,
      cwd: root,
      started: (child) => child.stdout.once('data', () => child.kill('SIGKILL')),
    });
    assert.equal(stdout, 'before the end\n');
  });
}
