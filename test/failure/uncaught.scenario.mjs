// One process of uncaught.test.mjs: node uncaught.scenario.mjs <how> <act> <kind> [<isthmus>]
// `how` waits with `await`, or with run at the place that it names; all else is the same code on the same lines.
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { stat } from 'node:fs';
import { connect, createServer } from 'node:net';
import { Writable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';

const [how, act, kind, isthmus] = process.argv.slice(2);
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const loopback = createServer((socket) => socket.end('data'));
await new Promise((resolve) => loopback.listen(0, '127.0.0.1', resolve));
loopback.unref();

const emitting = (callback) => new EventEmitter().on('event', callback);
const triggers = {
  timer: (callback) => setTimeout(callback, 1),
  interval: (callback) => {
    const interval = setInterval(() => {
      clearInterval(interval);
      callback();
    }, 1);
  },
  immediate: (callback) => setImmediate(callback),
  nextTick: (callback) => process.nextTick(callback),
  queueMicrotask: (callback) => queueMicrotask(callback),
  'tick inside an immediate': (callback) => setImmediate(() => process.nextTick(callback)),
  fs: (callback) => stat('.', () => callback()),
  'socket data': (callback) => {
    const socket = connect(loopback.address().port, '127.0.0.1').on('data', () => {
      socket.destroy();
      callback();
    });
  },
  'port message': (callback) => {
    const { port1, port2 } = new MessageChannel();
    port2.on('message', () => {
      port2.close();
      callback();
    });
    port1.postMessage(0);
  },
  'emitter in a timer': (callback) => setTimeout(() => emitting(callback).emit('event'), 1),
  'emitter in fs': (callback) => stat('.', () => emitting(callback).emit('event')),
  signal: (callback) => {
    process.once('SIGUSR2', () => callback());
    process.kill(process.pid, 'SIGUSR2');
  },
};

const mine = new Error(`mine, in ${kind}`);
const acts = {
  throw: () => {
    throw mine;
  },
  reject: () => {
    Promise.reject(mine);
  },
  'error event': () => {
    new EventEmitter().emit('error', mine);
  },
  'error of a stream': () => {
    new Writable().destroy(mine);
  },
  exit: () => process.exit(7),
};

const store = new AsyncLocalStorage();

/** Everything that still has to work afterwards, in the order in which it came. */
function aftermath() {
  const seen = [];
  const note = (name) => new Promise((resolve) => triggers[name](() => resolve(seen.push(name))));
  return Promise.all(
    ['nextTick', 'queueMicrotask', 'immediate', 'timer', 'fs', 'port message'].map(note),
  ).then(() => seen.sort());
}

// The wait is a `yield`, so that a sync and an async driver can run the same scenario.
function* handled() {
  const log = [];
  let noted;
  const watch = (event) => (error, origin) => {
    log.push([event, error === mine, error?.message, typeof origin === 'string' ? origin : '']);
    noted();
  };
  process.on('uncaughtExceptionMonitor', (error, origin) => log.push(['monitor', error === mine, origin]));
  process.on('uncaughtException', watch('uncaughtException'));
  if (act === 'reject') process.on('unhandledRejection', watch('unhandledRejection'));
  for (const name of kind === 'all' ? Object.keys(triggers) : [kind]) {
    const seen = new Promise((resolve) => {
      noted = resolve;
    });
    log.push(name);
    triggers[name](acts[act]);
    const [result] = yield Promise.all([later(2, 'result'), seen]);
    log.push([result, store.getStore()]);
    log.push([yield aftermath(), store.getStore()]);
  }
  return log;
}

function* fatal() {
  process.on('exit', (code) => console.log('exit', code, process.exitCode));
  triggers[kind](acts[act]);
  yield later(2_000);
  console.log('the wait ended');
}

async function driveAsync(steps) {
  let step = steps.next();
  while (!step.done) step = steps.next(await step.value);
  return step.value;
}

const { run } = isthmus === undefined ? {} : await import(isthmus);
function driveSync(steps) {
  let step = steps.next();
  while (!step.done) step = steps.next(run(step.value));
  return step.value;
}

const places = {
  await: (go) => go(),
  'run, main': (go) => go(),
  'run, microtask': (go) => Promise.resolve().then(go),
  'run, timer': (go) => new Promise((resolve) => setTimeout(() => resolve(go()), 1)),
  'run, immediate': (go) => new Promise((resolve) => setImmediate(() => resolve(go()))),
  'run, fs': (go) => new Promise((resolve) => stat('.', () => resolve(go()))),
};
const scenario = process.env.SCENARIO === 'fatal' ? fatal : handled;
const drive = how === 'await' ? driveAsync : driveSync;
console.log(JSON.stringify((await places[how](() => store.run('mine', () => drive(scenario())))) ?? null));
