// The end of a process or a worker while run waits in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const isthmus = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
const limit = 10_000;
const soon = 2_000;

const waits = `
import { run } from ${isthmus};
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
`;
const inWorker = `
import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';
const server = createServer().listen(0, '127.0.0.1');
const wait = (work) => WAIT(work);
`;

// Starts a worker that waits by `await` and one that waits by run, and prints how each of them ended.
const compareWorkers = (body) => `
${waits}
import { Worker } from 'node:worker_threads';
const source = ${JSON.stringify(waits + inWorker)};
for (const how of ['await', 'run']) {
  const code = source.replace('(work) => WAIT(work)', how === 'run' ? 'async (work) => run(work)' : 'async (work) => await work');
  const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code + ${JSON.stringify(body)})));
  const ended = { how, messages: [] };
  worker.on('message', (message) => ended.messages.push(message));
  worker.on('error', (error) => { ended.error = error.message });
  ended.code = await new Promise((resolve) => worker.on('exit', resolve));
  console.log(JSON.stringify(ended));
}`;

for (const line of allLines()) {
  const play = (script) => runChild(line.node, ['--input-type=module', '--eval', script], { limit });
  const on = (title, body) => test(`Node ${line.version}: ${title}`, { timeout: limit + 5_000 }, body);
  const endsAs = (done, code, stdout) => {
    assert.equal(done.timedOut, false, `killed after ${limit} ms: ${done.stdout}${done.stderr}`);
    assert.deepEqual([done.code, done.signal, done.stdout], [code, null, stdout], done.stderr);
  };
  const bothEndAs = (done, expected) => {
    endsAs(done, 0, done.stdout);
    const ended = done.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    assert.deepEqual(
      ended,
      [
        { how: 'await', ...expected },
        { how: 'run', ...expected },
      ],
      done.stderr,
    );
  };

  on('process.exit three calls deep runs the exit listeners once and no finally', async () => {
    const done = await play(`${waits}
      process.on('exit', (code) => console.log('exit', code));
      const deeper = (left) => {
        try {
          return run(later(1).then(() => (left === 0 ? process.exit(7) : deeper(left - 1))));
        } finally {
          console.log('finally');
        }
      };
      deeper(3);`);
    endsAs(done, 7, 'exit 7\n');
  });

  on('an exit listener may still get what is settled, and its exit code counts', async () => {
    const done = await play(`${waits}
      process.on('exit', () => {
        console.log('exit', run(Promise.resolve('settled')), run(async () => { await null; return 'nearly'; }));
        process.exitCode = 9;
      });
      setTimeout(() => process.exit(0), 1);
      run(later(1_000));`);
    endsAs(done, 9, 'exit settled nearly\n');
  });

  on('beforeExit comes once the wait is over, not while it lasts, and run works in it', async () => {
    const done = await play(`${waits}
      let emitted = 0;
      process.on('beforeExit', () => {
        emitted++;
        console.log('beforeExit', emitted);
        console.log(run(later(5, 'waited')), emitted);
      });
      console.log(run(later(20, 'main')), emitted);`);
    // What run waited for in the handler left the loop as empty as it was, so nothing asks for another round.
    endsAs(done, 0, 'main 0\nbeforeExit 1\nwaited 1\n');
  });

  on('work that a beforeExit handler leaves behind after its run brings another round', async () => {
    const script = (wait) => `${waits}
      let left = 2;
      process.on('beforeExit', () => {
        console.log('beforeExit', left);
        if (left-- > 0) setTimeout(() => console.log('more'), 1);
        ${wait};
      });`;
    const control = await play(script(''));
    const done = await play(
      script('run(Promise.resolve()); run(new Promise((resolve) => process.nextTick(resolve)))'),
    );
    endsAs(control, 0, 'beforeExit 2\nmore\nbeforeExit 1\nmore\nbeforeExit 0\n');
    endsAs(done, 0, control.stdout);
  });

  on('an error in the uncaughtException handler itself ends the process with 7', async () => {
    const script = (wait) => `${waits}
      process.on('exit', (code) => console.log('exit', code));
      process.on('uncaughtException', () => { throw new Error('in the handler'); });
      setTimeout(() => { throw new Error('first'); }, 1);
      ${wait};`;
    const control = await play(script('await later(1_000)'));
    const done = await play(script('run(later(1_000))'));
    assert.match(done.stderr, /in the handler/);
    endsAs(control, 7, control.stdout);
    endsAs(done, 7, control.stdout);
  });

  on('a rejection that is handled late is announced twice, as ever', async () => {
    const script = (wait) => `${waits}
      process.on('unhandledRejection', (reason) => console.log('unhandled', reason));
      process.on('rejectionHandled', () => console.log('handled'));
      const rejected = Promise.reject('late');
      console.log(${wait} later(5, 'waited')${wait === 'run(' ? ')' : ''});
      rejected.catch((reason) => console.log('caught', reason));`;
    const control = await play(script('await'));
    const done = await play(script('run('));
    endsAs(control, 0, 'unhandled late\nwaited\ncaught late\nhandled\n');
    endsAs(done, 0, control.stdout);
  });

  on('process.exit in a worker ends that worker with its code', async () => {
    const done = await play(
      compareWorkers(`
        process.on('exit', (code) => parentPort.postMessage('exit ' + code));
        setTimeout(() => process.exit(7), 5);
        await wait(later(1_000));
        parentPort.postMessage('must not be reached');`),
    );
    bothEndAs(done, { messages: ['exit 7'], code: 7 });
  });

  on("what is thrown in a worker reaches its 'error' event", async () => {
    const done = await play(
      compareWorkers(`
        setTimeout(() => { throw new RangeError('thrown in a worker'); }, 5);
        await wait(later(1_000));
        parentPort.postMessage('must not be reached');`),
    );
    bothEndAs(done, { messages: [], error: 'thrown in a worker', code: 1 });
  });

  on('what a worker handles leaves its wait alone', async () => {
    const done = await play(
      compareWorkers(`
        process.on('uncaughtException', (error) => parentPort.postMessage('handled ' + error.message));
        for (const start of [setImmediate, process.nextTick, queueMicrotask, setTimeout]) start(() => { throw new Error(start.name); });
        parentPort.postMessage(await wait(later(20, 'result')));
        parentPort.postMessage(await wait(later(1, 'next')));
        server.close();`),
    );
    endsAs(done, 0, done.stdout);
    const [control, run] = done.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    assert.equal(control.messages.length, 6, JSON.stringify(control));
    assert.deepEqual([run.messages.sort(), run.code], [control.messages.sort(), 0], done.stderr);
  });

  for (const depth of [1, 20]) {
    on(
      `worker.terminate() ends ${depth} waiting call(s) within ${soon} ms, and the process goes on`,
      async () => {
        const body = `
        const nest = (left) => run(later(1).then(() => (left > 1 ? nest(left - 1) : (parentPort.postMessage('waiting'), new Promise(() => {})))));
        nest(${depth});`;
        const done = await play(`${waits}
        import { Worker } from 'node:worker_threads';
        const code = ${JSON.stringify(waits + inWorker.replace('WAIT', 'run') + body)};
        for (let i = 0; i < 3; i++) {
          const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
          worker.on('error', (error) => console.log('error', error.message));
          await new Promise((resolve) => worker.on('message', resolve));
          const began = performance.now();
          console.log('code', await worker.terminate(), performance.now() - began < ${soon});
        }
        console.log(run(later(5, 'main works')));`);
        endsAs(done, 0, `${'code 1 true\n'.repeat(3)}main works\n`);
      },
    );
  }
}
