// What the loop itself brings: queues, timers, immediates, the thread pool, ports.
import { scrypt } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { promises as fs, stat } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { answer, block, IDLE_MS, immediate, next, SAME_LIST_MS, sleep, tick } from '../kit.mjs';

const both = (older, newer) => answer(Promise.all([older, newer]), ['older', 'newer']);

export const settled = {
  title: 'settled',
  rest: true,
  get: () => answer(Promise.resolve('settled'), 'settled'),
};

export const microtasks = {
  title: 'microtasks',
  rest: true,
  get() {
    const chain = async () => {
      for (let i = 0; i < 20; i++) await null;
      return 'end';
    };
    return answer(chain(), 'end');
  },
};

export const nextTick = {
  title: 'nextTick',
  rest: true,
  prepare: () => ({}),
  after(held) {
    held.older = tick('older');
  },
  get: ({ older }) => both(older, tick('newer')),
};

export const nothing = {
  title: 'nothing at all',
  get: () => ({ promise: new Promise(() => {}), never: true }),
};

export const idle = {
  title: 'timer, idle meanwhile',
  get: () => answer(sleep(IDLE_MS, 'idle'), 'idle'),
};

export const timerOlder = {
  title: 'timer, older',
  prepare: () => ({}),
  before(held) {
    held.older = sleep(60, 'older');
  },
  get: ({ older }) => answer(older, 'older'),
};

export const timerNewer = {
  title: 'timer, newer',
  get: () => answer(sleep(5, 'newer'), 'newer'),
};

export const timerSame = {
  title: 'timer, same list',
  prepare: () => ({}),
  after(held) {
    held.older = sleep(SAME_LIST_MS, 'older');
  },
  get: ({ older }) => both(older, sleep(SAME_LIST_MS, 'newer')),
};

export const immediateOlder = {
  title: 'immediate, older',
  prepare: () => ({}),
  after(held) {
    held.older = immediate('older');
    block(3);
  },
  get: ({ older }) => answer(older, 'older'),
};

export const immediateNewer = {
  title: 'immediate, newer',
  get() {
    const three = async () => {
      await immediate();
      await immediate();
      return immediate('third');
    };
    return answer(three(), 'third');
  },
};

const isFolder = (stats) => stats.isDirectory();

export const fsPromise = {
  title: 'fs',
  get: () => answer(fs.stat('.').then(isFolder), true),
};

export const fsBatch = {
  title: 'fs, same batch',
  prepare: () => ({}),
  before(held) {
    held.older = new Promise((resolve) => stat('.', () => resolve('older')));
  },
  after(held) {
    held.newer = new Promise((resolve) => stat('/', () => resolve('newer')));
    block(15);
  },
  get: ({ older, newer }) => both(older, newer),
};

export const dnsLookup = {
  title: 'dns.lookup',
  get: () => answer(dns.lookup('localhost', { family: 4 }), { address: '127.0.0.1', family: 4 }),
};

export const cryptoScrypt = {
  title: 'scrypt',
  get: () =>
    answer(new Promise((resolve) => scrypt('a', 'b', 8, { N: 256 }, (_, key) => resolve(key.length))), 8),
};

export const port = {
  title: 'MessagePort',
  prepare() {
    const [first, second] = [new MessageChannel(), new MessageChannel()];
    return { first, second, older: next(first.port2, 'message') };
  },
  after: ({ first }) => first.port1.postMessage('older'),
  get({ second, older }) {
    const newer = next(second.port2, 'message');
    second.port1.postMessage('newer');
    return both(older, newer);
  },
  close({ first, second }) {
    first.port1.close();
    second.port1.close();
  },
};

export const abortTimeout = {
  title: 'AbortSignal.timeout',
  get() {
    const signal = AbortSignal.timeout(15);
    const fired = new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(signal.reason.name), { once: true });
    });
    return answer(fired, 'TimeoutError');
  },
};

export const waitAsync = {
  title: 'Atomics.waitAsync',
  get() {
    const word = new Int32Array(new SharedArrayBuffer(4));
    const woken = Atomics.waitAsync(word, 0, 0).value;
    Atomics.notify(word, 0);
    return answer(woken, 'ok');
  },
};

// The smallest module that has something to export: (func (export "f") (result i32) i32.const 42).
const WASM = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65,
  42, 11,
]);

export const wasm = {
  title: 'WebAssembly.compile',
  get: () =>
    answer(
      WebAssembly.compile(WASM).then((module) => new WebAssembly.Instance(module).exports.f()),
      42,
    ),
};

let imports = 0;
export const dynamicImport = {
  title: 'import()',
  get() {
    imports++;
    const loaded = import(`data:text/javascript,export default ${imports}`);
    return answer(
      loaded.then((module) => module.default),
      imports,
    );
  },
};
