// What is not this package's is left as it was: globals, what they hold, the process's listeners and its environment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { node } from '../run/script.mjs';
import { limit } from './kit.mjs';

const url = (name) => JSON.stringify(new URL(name, import.meta.url).href);

/** Looked at before the package is loaded, and after it has worked. */
const look = `
import events from 'node:events';
import http from 'node:http';
import timers from 'node:timers';
import threads from 'node:worker_threads';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
const objects = {
  globalThis, process, Error, Promise, Reflect, JSON, Atomics, console, events, http, timers, threads,
  'Object.prototype': Object.prototype, 'Function.prototype': Function.prototype, 'Array.prototype': Array.prototype,
  'Error.prototype': Error.prototype, 'Promise.prototype': Promise.prototype, 'EventTarget.prototype': EventTarget.prototype,
  'AbortSignal.prototype': AbortSignal.prototype, 'EventEmitter.prototype': events.prototype,
  'Worker.prototype': threads.Worker.prototype, 'MessagePort.prototype': threads.MessagePort.prototype,
  'AsyncLocalStorage.prototype': AsyncLocalStorage.prototype, 'AsyncResource.prototype': AsyncResource.prototype,
};
const look = () => {
  const seen = new Map();
  for (const [name, object] of Object.entries(objects)) {
    for (const key of Reflect.ownKeys(object)) {
      // Node's own counters and lists change by themselves.
      if (object === process && key.toString().startsWith('_')) continue;
      const { value, get, set, writable, enumerable, configurable } = Reflect.getOwnPropertyDescriptor(object, key);
      seen.set(name + '.' + key.toString(), [value, get, set, writable, enumerable, configurable]);
    }
  }
  for (const name of process.eventNames()) seen.set('listeners of ' + name.toString(), process.listeners(name));
  for (const [name, value] of Object.entries(process.env)) seen.set('env.' + name, [value]);
  seen.set('execArgv', process.execArgv.slice());
  seen.set('cwd', [process.cwd()]);
  return seen;
};
const changes = (before, after) =>
  [...new Set([...before.keys(), ...after.keys()])].filter((key) => {
    const [a, b] = [before.get(key), after.get(key)];
    return a === undefined || b === undefined || a.length !== b.length || a.some((value, i) => !Object.is(value, b[i]));
  });
`;

const work = `
const { createPool, fromThread, Limiter, toThread } = await import('isthmus');
const f = await import(${url('functions.mjs')});
const pool = createPool({ size: 1 });
await toThread(f.asks, 1);
await pool.with({ timeout: 60_000, limiter: new Limiter(1) }).run(f.callTwice, (n) => n);
for await (const n of pool.each(f.numbers, 3));
await pool.run({ module: 'file:///none.mjs', name: 'x' }).catch(() => {});
await pool.close();
`;

const play = async (script) => {
  const { code, stdout, stderr } = await node(['--input-type=module', '--eval', script]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

test('nothing but symbols of its own name is left on what belongs to everybody', limit, async () => {
  const print = 'console.log(JSON.stringify(changes(before, look())));';
  const changed = await play(`${look} const before = look(); ${work} ${print}`);
  assert.deepEqual(
    changed.filter((key) => !key.startsWith('globalThis.Symbol(isthmus.')),
    [],
  );
});

test('what is compared does see a change', limit, async () => {
  const meddle = `globalThis.Worker = class {}; process.on('SIGINT', () => {}); Promise.prototype.then = function () {};`;
  const print = 'console.log(JSON.stringify(changes(before, look())));';
  const changed = await play(`${look} const before = look(); ${meddle} ${print} process.exit();`);
  for (const key of ['globalThis.Worker', 'listeners of SIGINT', 'Promise.prototype.then'])
    assert.ok(changed.includes(key), `${key} is not among ${changed.join()}`);
});
