// run typed into Node's own prompt, one line at a time, and Ctrl-C while it waits.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runChild } from './child.mjs';
import { hostsDir, installIsthmus } from './install.mjs';
import { allLines } from './lines.mjs';

const work = join(hostsDir, '.work', 'repl');
const limit = 30_000;
const promptAgain = 3_000;

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
installIsthmus(work);

/** A REPL in a child process; `body` gets { ask, send, seen, interrupt }. Resolves to the child's end. */
async function repl(node, body) {
  let session;
  const started = (child, out) => {
    const ended = once(child, 'close').then(() =>
      Promise.reject(new Error(`the REPL ended:\n${out.stdout}${out.stderr}`)),
    );
    ended.catch(() => {});
    const seen = async (pattern, from) => {
      while (!pattern.test(out.stdout.slice(from))) await Promise.race([once(child.stdout, 'data'), ended]);
      return out.stdout.slice(from);
    };
    const prompt = async (act) => {
      const from = out.stdout.length;
      act();
      return (await seen(/> $/, from)).replace(/> $/, '').trim();
    };
    session = {
      start: () => seen(/> $/, 0),
      ask: (line) => prompt(() => child.stdin.write(`${line}\n`)),
      begin: async (line, pattern) => {
        const from = out.stdout.length;
        child.stdin.write(`${line}\n`);
        await seen(pattern, from);
      },
      interrupt: () => prompt(() => child.kill('SIGINT')),
      end: () => child.stdin.end('.exit\n'),
    };
  };
  const done = runChild(node, ['-i'], { cwd: work, limit, started });
  try {
    await session.start();
    await body(session);
  } finally {
    session.end();
  }
  return done;
}

for (const line of allLines()) {
  test(`REPL of Node ${line.version}: prints what run returns`, { timeout: limit }, async () => {
    const done = await repl(line.node, async ({ ask }) => {
      assert.equal(await ask("const { run } = await import('isthmus')"), 'undefined');
      assert.equal(await ask("require('isthmus').run === run"), 'true');
      assert.equal(await ask("run(new Promise((resolve) => setTimeout(resolve, 5, 'timer')))"), "'timer'");
      assert.equal(
        await ask("JSON.parse(run(fs.promises.readFile('node_modules/isthmus/package.json'))).name"),
        "'isthmus'",
      );
      assert.equal(
        await ask("await null; run(new Promise((resolve) => setTimeout(resolve, 5, 'awaited')))"),
        "'awaited'",
      );
      assert.match(
        await ask('run(new Promise(() => {}), { timeout: 30 })'),
        /^Uncaught[\s\S]*'ERR_ISTHMUS_TIMEOUT'/,
      );
      assert.equal(await ask('[...run.each((async function* () { yield 1; yield 2 })())].join()'), "'1,2'");
    });
    assert.deepEqual([done.code, done.signal, done.timedOut], [0, null, false]);
  });

  test(`REPL of Node ${line.version}: Ctrl-C while run waits gives the prompt back`, {
    timeout: limit,
  }, async () => {
    let ms = 0;
    const done = await repl(line.node, async ({ ask, begin, interrupt }) => {
      await ask("const { run, turn } = await import('isthmus')");
      assert.equal(
        await ask("const server = require('net').createServer().listen(0, '127.0.0.1')"),
        'undefined',
      );
      await begin("run(new Promise(() => setTimeout(() => console.log('it waits'), 1)))", /^it waits$/m);
      // The signal has to meet the wait, not the callback that spoke from inside it.
      await pause(100);
      const began = performance.now();
      assert.match(await interrupt(), /ERR_SCRIPT_EXECUTION_INTERRUPTED/);
      ms = performance.now() - began;
      assert.equal(await ask("run(new Promise((resolve) => setTimeout(resolve, 5, 'next')))"), "'next'");
      assert.equal(
        await ask("await turn(); run(new Promise((resolve) => setTimeout(resolve, 5, 'on a turn')))"),
        "'on a turn'",
      );
      assert.equal(await ask('run.stats().depth'), '0');
    });
    assert.ok(ms < promptAgain, `the prompt came back after ${ms} ms`);
    assert.deepEqual([done.code, done.signal, done.timedOut], [0, null, false]);
    console.log(`REPL, Node ${line.version}: the prompt was back ${ms.toFixed(0)} ms after SIGINT`);
  });
}
