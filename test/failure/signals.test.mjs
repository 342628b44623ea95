// Signals while run waits: what an `await` at the same place would see is what happens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const isthmus = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
const limit = 20_000;
/** ms within which a signal has to be felt; a caller that waits for the loop's next event would need for ever. */
const soon = 2_000;

// Each script has an alive server, so that nothing but the signal can end the wait, and says 'waiting' from inside it.
const prelude = `
import { createServer } from 'node:net';
import { run } from ${isthmus};
const server = createServer().listen(0, '127.0.0.1');
const forever = () => new Promise(() => setTimeout(() => console.log('waiting', process.pid), 1));
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
`;
const scriptArgs = (script) => ['--input-type=module', '--eval', prelude + script];

/** Runs `script`; at the nth line 'waiting' the child gets the nth signal. `felt` is the ms from the last one to its end. */
async function signalled(line, script, signals, command = line.node, args = scriptArgs(script)) {
  let last = 0;
  const started = async (child, out) => {
    for (const [index, signal] of signals.entries()) {
      const said = () => [...out.stdout.matchAll(/^waiting (\d+)$/gm)].at(index);
      while (said() === undefined) await once(child.stdout, 'data');
      last = performance.now();
      process.kill(Number(said()[1]), signal);
    }
  };
  const done = await runChild(command, args, { limit, started });
  const lines = done.stdout.split('\n').filter((text) => text !== '' && !text.startsWith('waiting'));
  return { ...done, lines, felt: performance.now() - last };
}

const assertSoon = (done) =>
  assert.ok(done.felt < soon, `felt after ${done.felt} ms\n${done.stdout}${done.stderr}`);

for (const line of allLines()) {
  const on = (title, body) => test(`Node ${line.version}: ${title}`, { timeout: limit + 5_000 }, body);

  on('SIGINT without a handler kills the process that waits', async () => {
    const done = await signalled(line, 'run(forever());', ['SIGINT']);
    assert.deepEqual([done.code, done.signal], [null, 'SIGINT'], done.stderr);
    assertSoon(done);
  });

  on('a shell reports 130 for it', async () => {
    const shell = ['-c', '"$@"; echo "status $?"', 'sh', line.node, ...scriptArgs('run(forever());')];
    const done = await signalled(line, '', ['SIGINT'], 'sh', shell);
    assert.deepEqual(done.lines, ['status 130'], done.stderr);
    assertSoon(done);
  });

  on('a SIGINT handler runs at once, and the wait goes on', async () => {
    const done = await signalled(
      line,
      `const got = new Promise((resolve) => process.once('SIGINT', (name) => {
         console.log('handler', name);
         resolve(name);
       }));
       forever();
       console.log('result', run(got));
       console.log('next', run(later(5, 'works')));
       server.close();`,
      ['SIGINT'],
    );
    assert.deepEqual(done.lines, ['handler SIGINT', 'result SIGINT', 'next works'], done.stderr);
    assert.deepEqual([done.code, done.signal], [0, null]);
    assertSoon(done);
  });

  on('process.exit(130) in the handler ends the process, exit listeners included', async () => {
    const done = await signalled(
      line,
      `process.on('exit', (code) => console.log('exit', code));
       process.on('SIGINT', () => process.exit(130));
       try { run(forever()); } finally { console.log('must not be reached'); }`,
      ['SIGINT'],
    );
    assert.deepEqual(done.lines, ['exit 130'], done.stderr);
    assert.deepEqual([done.code, done.signal], [130, null]);
    assertSoon(done);
  });

  on('a handler that aborts the call releases it, tells the work, and leaves nothing behind', async () => {
    const done = await signalled(
      line,
      `const stop = new AbortController();
       process.once('SIGINT', () => stop.abort(new Error('interrupted')));
       const work = async (signal) => {
         forever();
         signal.addEventListener('abort', () => console.log('work told:', signal.reason.message));
         await later(300);
         if (!signal.aborted) console.log('work went on');
       };
       try { run(work, { signal: stop.signal }); } catch (error) { console.log('caller:', error.message); }
       console.log('unrelated call:', run(later(400, 'clean')), run.stats().depth);
       server.close();
       process.exitCode = 130;`,
      ['SIGINT'],
    );
    assert.deepEqual(
      done.lines,
      ['work told: interrupted', 'caller: interrupted', 'unrelated call: clean 0'],
      done.stderr,
    );
    assert.deepEqual([done.code, done.signal], [130, null]);
    assertSoon(done);
  });

  for (const waits of [true, false]) {
    const where = waits ? 'while run waits' : 'on the bare loop';
    on(`a SIGTERM handler shuts down gracefully with run ${where}, without spinning`, async () => {
      const done = await signalled(
        line,
        `import { createServer as createHttp } from 'node:http';
         const http = createHttp((request, response) => setTimeout(() => response.end('in flight'), 400));
         run(new Promise((resolve) => http.listen(0, '127.0.0.1', resolve)));
         const answer = fetch('http://127.0.0.1:' + http.address().port).then((response) => response.text());
         process.once('SIGTERM', () => {
           const cpu = process.cpuUsage();
           const began = performance.now();
           http.close();
           console.log('drained:', run(answer));
           const { user, system } = process.cpuUsage(cpu);
           console.log('share', ((user + system) / 1000 / (performance.now() - began)).toFixed(2));
           process.exit(0);
         });
         http.once('request', () => ${waits ? 'queueMicrotask(() => run(forever()))' : 'forever()'});`,
        ['SIGTERM'],
      );
      assert.deepEqual(
        [done.code, done.signal, done.lines[0]],
        [0, null, 'drained: in flight'],
        done.stdout + done.stderr,
      );
      const share = Number(/^share ([\d.]+)$/.exec(done.lines[1])[1]);
      assert.ok(share < 0.6, `the wait used ${share} of a core`);
      assertSoon(done);
    });
  }

  on('a SIGTERM handler may wait for what it closes itself', async () => {
    const done = await signalled(
      line,
      `process.once('SIGTERM', () => {
         run(new Promise((resolve) => server.close(resolve)));
         console.log('closed');
         process.exit(0);
       });
       run(forever());`,
      ['SIGTERM'],
    );
    assert.deepEqual([done.code, done.signal, done.lines], [0, null, ['closed']], done.stderr);
    assertSoon(done);
  });

  on('a second SIGINT, once nobody listens any more, kills a shutdown that waits in run', async () => {
    const done = await signalled(
      line,
      `process.once('SIGINT', () => run(forever()));
       run(forever());`,
      ['SIGINT', 'SIGINT'],
    );
    assert.deepEqual([done.code, done.signal], [null, 'SIGINT'], done.stderr);
    assertSoon(done);
  });
}
