// A promise that nothing can settle any more is refused in bounded time; one that something off the loop will settle
// is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places, play } from './script.mjs';

const limit = { timeout: 60_000 };

/** Refused this soon, and the next call works. */
const refused = `
const refused = () => {
  const began = performance.now();
  assert.equal(codeOf(() => run(never())), 'ERR_ISTHMUS_NEVER_SETTLES');
  const ms = performance.now() - began;
  assert.ok(ms < 5_000, ms + ' ms');
  assert.equal(run(later(5, 'next')), 'next');
  console.log('refused');
};
`;

const wheres = {
  'at top level': 'refused();',
  'after an await': 'await null; refused();',
  'in a microtask': 'queueMicrotask(refused);',
  'in a tick': 'process.nextTick(refused);',
  'in a timer': 'setTimeout(refused, 1);',
  'in an immediate': 'setImmediate(refused);',
  'in a clean turn': 'await turn(); refused();',
  'in a callback of the thread pool': "(await import('node:fs')).stat('.', refused);",
  'in an event of a port': `const { port1, port2 } = new MessageChannel();
    port1.once('message', () => { port1.unref(); refused(); });
    port2.postMessage(1);`,
  'after work that settled': 'run(later(20)); refused();',
};
for (const [place, run] of Object.entries(places)) {
  for (const [where, script] of Object.entries(wheres)) {
    test(`refused in ${place} ${where}`, limit, async () => {
      assert.equal(await run(refused + script), 'refused\n');
    });
  }

  test(`refused in ${place} inside another call, which goes on`, limit, async () => {
    const script = `
      const inner = async () => { await later(1); refused(); return 'outer'; };
      console.log(run(inner), run(later(1, 'after')));
      const code = codeOf(() => run(later(1).then(() => run(never()))));
      console.log(code, run(later(1, 'after')));`;
    const lines = ['refused', 'outer after', 'ERR_ISTHMUS_NEVER_SETTLES after', ''];
    assert.equal(await run(refused + script), lines.join('\n'));
  });

  test(`refused in ${place} as soon as the last timer is gone, and not before`, limit, async () => {
    const script = `
      const began = performance.now();
      setTimeout(() => {}, 600);
      const code = codeOf(() => run(never()));
      const ms = performance.now() - began;
      console.log(code, ms >= 599 && ms < 5_000 ? 'in time' : ms);`;
    assert.equal(await run(script), 'ERR_ISTHMUS_NEVER_SETTLES in time\n');
  });

  test(`WebAssembly.compile of a large module is waited for in ${place}`, limit, async () => {
    assert.match(await run(`${largeModule} compileAll();`), /^compiled in \d+ ms\n$/);
  });

  test(`an unreferenced timer and AbortSignal.timeout are waited for in ${place}`, limit, async () => {
    const script = `
      console.log(run(new Promise((resolve) => setTimeout(resolve, 500, 'timer').unref())));
      try { run(never(), { signal: AbortSignal.timeout(400) }); } catch (error) { console.log(error.name); }
      const told = (resolve) => AbortSignal.timeout(400).addEventListener('abort', () => resolve('told'));
      console.log(run(new Promise(told)));`;
    assert.equal(await run(script), 'timer\nTimeoutError\ntold\n');
  });
}

/** Some 70 MB of functions: long to compile on any machine, even where compiling only validates. */
const largeModule = `
const leb = (n) => { const out = []; do { out.push((n & 127) | (n > 127 ? 128 : 0)); n >>>= 7; } while (n); return out; };
const section = (id, body) => Buffer.concat([Buffer.from([id, ...leb(body.length)]), body]);
const bytesOf = (count) => {
  const code = [1, 3, 127];
  for (let i = 0; i < 400; i++) code.push(32, 0, 65, i & 63, 106, 33, 0);
  code.push(32, 0, 11);
  const body = Buffer.from([...leb(code.length), ...code]);
  const types = Buffer.from([1, 96, 1, 127, 1, 127]);
  const functions = Buffer.concat([Buffer.from(leb(count)), Buffer.alloc(count)]);
  const codes = Buffer.concat([Buffer.from(leb(count)), ...new Array(count).fill(body)]);
  return Buffer.concat([Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]), section(1, types), section(3, functions), section(10, codes)]);
};
const compileAll = () => {
  const bytes = bytesOf(25_000);
  const began = performance.now();
  const module = run(WebAssembly.compile(bytes));
  assert.ok(module instanceof WebAssembly.Module);
  console.log('compiled in ' + Math.round(performance.now() - began) + ' ms');
};
`;

test('Atomics.waitAsync that another thread notifies is waited for', limit, async (t) => {
  if (typeof Atomics.waitAsync !== 'function')
    return t.skip(`Node ${process.version} has no Atomics.waitAsync`);
  const script = `
    const { Worker } = await import('node:worker_threads');
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const code = \`import('node:worker_threads').then(({ workerData }) => {
      setTimeout(() => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); }, 300); });\`;
    new Worker(code, { eval: true, workerData: shared });
    console.log(run(Atomics.waitAsync(shared, 0, 0).value));`;
  assert.equal(await play(script), 'ok\n');
});

test('an answer on an unreferenced socket is waited for', limit, async () => {
  const script = `
    const { Worker } = await import('node:worker_threads');
    const { connect } = await import('node:net');
    const code = \`Promise.all([import('node:net'), import('node:worker_threads')]).then(([net, { parentPort }]) => {
      const server = net.createServer((socket) => setTimeout(() => socket.end('answer'), 100));
      server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port)); });\`;
    const worker = new Worker(code, { eval: true });
    const port = run(new Promise((resolve) => worker.once('message', resolve)));
    worker.unref();
    const socket = connect(port, '127.0.0.1');
    socket.unref();
    console.log(String(run(new Promise((resolve) => socket.once('data', resolve)))));
    process.exit();`;
  assert.equal(await play(script), 'answer\n');
});
