// A termination from outside (a vm timeout; Ctrl-C in a REPL works the same way) hits a call that waits: no `finally`
// runs, yet the loop, the microtasks and the counters are sound afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const isthmus = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);
const limit = 10_000;

// What the vm script runs; `spin` makes sure that the timeout comes while that callback of the nested turn runs.
const places = {
  'while the loop waits': '',
  'in a tick': 'process.nextTick(spin)',
  'in a microtask': 'queueMicrotask(spin)',
  'in an fs callback': "fs.stat('.', spin)",
  'in a socket callback': "net.connect(server.address().port, '127.0.0.1').on('connect', spin)",
  'in a timer': 'setTimeout(spin, 1)',
  'in an immediate': 'setImmediate(spin)',
  'in a wait above': 'setTimeout(() => run(new Promise(() => {})), 1)',
};

const script = (start) => `
import fs from 'node:fs';
import net from 'node:net';
import vm from 'node:vm';
import { run, turn } from ${isthmus};
const server = net.createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
run(new Promise((resolve) => server.on('listening', resolve)));
const spin = () => { for (const end = Date.now() + 300; Date.now() < end; ); };
Object.assign(globalThis, { run, spin, server, fs, net });
const log = (...words) => console.log(words.join(' '));
const each = () => [
  new Promise((resolve) => setTimeout(resolve, 1, 'timer')),
  new Promise((resolve) => setImmediate(resolve, 'immediate')),
  new Promise((resolve) => process.nextTick(resolve, 'tick')),
  fs.promises.stat('.').then(() => 'fs'),
];
const began = performance.now();
try {
  vm.runInThisContext(${JSON.stringify(`run(new Promise(() => { ${start} }))`)}, { timeout: 50 });
} catch (error) {
  log(error.code, performance.now() - began < 2000);
}
log(...each().map((work) => run(work)), run.stats().depth);
log(...(await Promise.all(each())), run.stats().depth);
await turn();
log(run(new Promise((resolve) => setTimeout(resolve, 1, 'on a turn'))), run.stats().depth);
process.exit();
`;

const sound = [
  'ERR_SCRIPT_EXECUTION_TIMEOUT true',
  'timer immediate tick fs 0',
  'timer immediate tick fs 0',
  'on a turn 0',
  '',
];

for (const line of allLines()) {
  for (const [place, start] of Object.entries(places)) {
    test(`Node ${line.version}: a vm timeout ${place}`, { timeout: limit + 5_000 }, async () => {
      const done = await runChild(line.node, ['--input-type=module', '--eval', script(start)], { limit });
      assert.deepEqual([done.stdout.split('\n'), done.code, done.signal], [sound, 0, null], done.stderr);
    });
  }
}

// The same again and again, so that each time leaves things as it found them. The strikes come in the middle of a
// callback: those that hit Node's own list of immediates or timers between two would break it (README, Honest limits).
const storms = {
  timers: 'setInterval(busy, 1).unref();',
  immediates: 'for (let i = 0; i < 6; i++) setImmediate(busy);',
  ticks: 'for (let i = 0; i < 6; i++) process.nextTick(busy);',
};
const storm = (start) => `
import { createHook } from 'node:async_hooks';
import assert from 'node:assert';
import vm from 'node:vm';
import { run } from ${isthmus};
globalThis.run = run;
const busy = () => { for (const end = performance.now() + 8; performance.now() < end; ); };
const alive = setInterval(() => {}, 1);
for (let i = 0; i < 20; i++) {
  const hook = createHook({ before() {} });
  if (i === 10) hook.enable();
  ${start}
  assert.throws(() => vm.runInThisContext('run(new Promise(() => {}))', { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  assert.equal(run(new Promise((resolve) => setTimeout(resolve, 2, 'next'))), 'next');
  assert.equal(run.stats().depth, 0);
  hook.disable();
}
clearInterval(alive);
console.log('sound');
`;
for (const line of allLines()) {
  for (const [name, start] of Object.entries(storms)) {
    test(`Node ${line.version}: twenty vm timeouts in a storm of ${name}`, {
      timeout: limit + 5_000,
    }, async () => {
      const done = await runChild(line.node, ['--input-type=module', '--eval', storm(start)], { limit });
      assert.deepEqual([done.stdout, done.code, done.signal], ['sound\n', 0, null], done.stderr);
    });
  }
}
