// What the tests run on the service thread.
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync, writeSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { currentSignal, runInThread } from 'isthmus';

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

export const echo = (value) => value;
export const echoLater = async (value) => later(1, value);
export const echoAll = (...values) => values;
export const count = (...values) => values.length;
export const add = (a, b) => a + b;
export const nothing = () => {};

// What the other side sees -----------------------------------------------------------------------------------

/** True where the bytes are those that `bytes` makes. */
export function bytes(length) {
  const made = Buffer.alloc(length, 7);
  if (length > 0) made[length - 1] = 9;
  return made;
}
export const hash = (value) => createHash('sha256').update(value).digest('hex');
export const describe = (value) => [
  typeof value,
  Object.is(value, -0) ? '-0' : String(value),
  Object.prototype.toString.call(value),
];
export const kinds = (values) =>
  values.map((value) => (Buffer.isBuffer(value) ? 'Buffer' : value?.constructor?.name));
export const isSame = (a, b) => a === b;
export const hasHole = (array, at) => !(at in array);
export const isCyclic = (value) => value.self === value && value.list[0] === value;
export const isBare = (value) => Object.getPrototypeOf(value) === null;
export const isInThread = () => !isMainThread;
export const facts = (error) => ({
  isError: error instanceof Error,
  isType: error instanceof TypeError,
  name: error.name,
  code: error.code,
  extra: error.extra,
  cause: error.cause?.message,
  stack: error.stack,
});
/** The bytes of a view, and how long what it lies in is. */
export const view = (value) => [value.constructor.name, [...value], value.buffer.byteLength];
export function addToShared(shared, by) {
  Atomics.add(new Int32Array(shared), 0, by);
}
export function counter() {
  counter.count = (counter.count ?? 0) + 1;
  return counter.count;
}
export const threadCount = () => readdirSync('/proc/self/task').length;

// Values that a caller cannot make by clone --------------------------------------------------------------------

export function cycle() {
  const value = { list: [] };
  value.self = value;
  value.list.push(value);
  return value;
}
export function shared() {
  const one = { n: 1 };
  return [one, one, new Map([[one, one]])];
}
export function sharedBuffer() {
  const one = Buffer.from('one');
  return [one, { one }];
}
export const sparse = () => {
  const value = [];
  value[3] = 'three';
  value.length = 6;
  return value;
};
export function bare() {
  return Object.assign(Object.create(null), { a: 1 });
}
export const buffers = () => ({
  map: new Map([['b', Buffer.from('in a map')]]),
  list: [Buffer.from('in a list')],
  set: new Set([Buffer.from('in a set')]),
  array: new Uint8Array([1, 2]),
});
export const thenable = (value) => ({ then: (resolve) => setTimeout(resolve, 1, value) });
export const thenableNow = (value) => ({ then: (resolve) => resolve(value) });
export const thenableFails = (value) => ({ then: (_, reject) => reject(value) });
export const thenThrows = () => ({
  get then() {
    throw new RangeError('no then');
  },
});
/** A function is a thenable too. */
export const callable = () => Object.assign(() => {}, { then: (resolve) => resolve('from a function') });

// Errors ------------------------------------------------------------------------------------------------------------

export class MyError extends TypeError {
  constructor(message, options) {
    super(message, options);
    this.name = 'MyError';
    this.code = 'E_MINE';
    this.extra = { a: [1, new Map([[1, 2]])] };
  }
}
const thrown = {
  undefined: () => undefined,
  null: () => null,
  zero: () => 0,
  minusZero: () => -0,
  false: () => false,
  empty: () => '',
  string: () => 'a string',
  bigint: () => 10n,
  object: () => ({ a: 1 }),
  buffer: () => Buffer.from('thrown'),
  mine: () => new MyError('mine', { cause: new RangeError('inner') }),
  system: () =>
    Object.assign(new Error('ENOENT: no such file'), {
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path: '/none',
    }),
  aggregate: () =>
    new AggregateError([new MyError('one'), 'two', new AggregateError([new URIError('three')])], 'many'),
  dom: () => new DOMException('gone', 'AbortError'),
  cycle: () => {
    const error = new Error('round');
    error.cause = error;
    return error;
  },
  throughObject: () => {
    const error = new EvalError('out');
    error.info = { back: error, list: [error] };
    return error;
  },
  withFunction: () => Object.assign(new Error('holds'), { context: { onRetry() {} } }),
  withSymbol: () => Object.assign(new Error('holds'), { tag: Symbol('tag') }),
  withBuffer: () => Object.assign(new Error('holds'), { body: Buffer.from('body') }),
  noStack: () => {
    const error = new Error('bare');
    delete error.stack;
    return error;
  },
  getter: () =>
    Object.defineProperty(new Error('guarded'), 'secret', {
      enumerable: true,
      get() {
        throw new Error('do not read');
      },
    }),
  hostile: () =>
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('trap');
        },
      },
    ),
  fn: () => function thrownFn() {},
  promise: () => Promise.resolve(1),
  symbol: () => Symbol('s'),
  emptyName: () => Object.assign(new Error('nameless'), { name: '' }),
  long: () => new Error('x'.repeat(200_000)),
};
export const reasons = Object.keys(thrown);
export function fail(kind) {
  throw thrown[kind]();
}
export const failLater = async (kind) => {
  await later(1);
  throw thrown[kind]();
};
export const give = (kind) => thrown[kind]();
export const bad = () => ({ a: [1, { deep: () => {} }], 'odd key': 1 });
export const badMap = () => new Map([['key', [Symbol('in a map')]]]);
export const badClass = () => ({ socket: { agent: new WeakMap() } });
export const badLater = async () => later(1, { of: new Promise(() => {}) });

// Callbacks -----------------------------------------------------------------------------------------------------------

export async function sumOf(times, callback) {
  let sum = 0;
  for (let i = 0; i < times; i++) {
    if (i % 3 === 0) await null;
    if (i % 100 === 50) await later(1);
    sum += callback(i);
  }
  return sum;
}
export const callWith = (callback, ...args) => callback(...args);
export const callLater = async (callback, ...args) => {
  await later(1);
  return callback(...args);
};
export const callBoth = (a, b) => [a(1), b(2), a(3)];
export const areSame = (a, b, { c }) => [a === b, a === c, typeof a];
export const nested = ({ on: { data }, list: [end], map, set }) => [
  data('d'),
  end('e'),
  map.get('f')('f'),
  [...set][0]('s'),
];
export const catches = (callback) => {
  try {
    callback();
    return 'it did not throw';
  } catch (error) {
    return { name: error?.name, message: error?.message, code: error?.code, cause: error?.cause?.message };
  }
};
export const catchesWhole = (callback) => {
  try {
    callback();
  } catch (error) {
    return { caught: error };
  }
  return 'it did not throw';
};
export const nameAndLength = (callback) => [callback.name, typeof callback];
let kept;
export function keep(callback) {
  kept = callback;
}
export const useKept = (...args) => kept(...args);
export function useLater(callback, ms, file) {
  setTimeout(() => {
    let answer;
    try {
      answer = callback();
    } catch (error) {
      answer = error.code;
    }
    writeFileSync(file, String(answer));
  }, ms);
}
export const passOn = (callback) => {
  const inner = (n) => callback(n) + 1;
  return runInThread(callWith, inner, 1);
};
/** Two callbacks at once, from two chains of this one call. */
export const interleaved = async (a, b) => {
  const chain = async (callback, n) => {
    const all = [];
    for (let i = 0; i < n; i++) {
      await later(i % 2);
      all.push(callback(i));
    }
    return all;
  };
  return Promise.all([chain(a, 10), chain(b, 10)]);
};

// Ends ----------------------------------------------------------------------------------------------------------------

export const exit = (code) => process.exit(code);
export const exitLater = async (code) => {
  await later(5);
  process.exit(code);
};
export const exitInCallback = (callback) => {
  callback();
  process.exit(4);
};
export function crash(message) {
  setTimeout(() => {
    throw new MyError(message, { cause: new RangeError('inner') });
  }, 1);
  return new Promise(() => {});
}
export function crashAfterwards() {
  setImmediate(() => {
    throw new Error('afterwards');
  });
  return 'was given';
}
export function reject(message) {
  void Promise.reject(new MyError(message));
  return new Promise(() => {});
}
export function crashWith(kind) {
  setTimeout(() => {
    throw thrown[kind]();
  }, 1);
  return new Promise(() => {});
}
export function outOfMemory() {
  const held = [];
  for (;;) held.push(new Array(100_000).fill(held.length + 0.5));
}
export function spin() {
  for (;;);
}
export function spinFor(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}
export const never = () => new Promise(() => {});
export const sleep = (ms, value) => later(ms, value);
export async function untilAborted(file) {
  const signal = currentSignal();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  writeFileSync(file, signal.reason?.name ?? String(signal.reason));
  return 'late';
}
export const hasSignal = () => [currentSignal() instanceof AbortSignal, currentSignal()?.aborted];
export async function signalLater() {
  const before = currentSignal();
  await later(1);
  return before === currentSignal() && before.aborted === false;
}
/** A timer that goes on after the call, and says so. */
export function tick(shared, ms) {
  const ticks = new Int32Array(shared);
  setInterval(() => Atomics.add(ticks, 0, 1), ms).unref();
}
export const print = (...lines) => {
  for (const line of lines) console.log(line);
};
export const printError = (line) => console.error(line);
export const printLater = async (line) => {
  await later(1);
  console.log(line);
};
export const printAndExit = (size) => {
  process.stdout.write('x'.repeat(size));
  process.stdout.write('\nthe end\n');
  process.exit(0);
};
export const printAndSpin = (line) => {
  console.log(line);
  for (;;);
};
export const raw = (line) => writeSync(1, line);
export const inner = (n) => runInThread(add, n, 1);
/** `depth` calls, each in the thread of the one before. */
export const deeper = (depth) => (depth === 0 ? 0 : 1 + runInThread(deeper, depth - 1));
export const inWorker = () =>
  new Promise((resolve, fail) => {
    const worker = new Worker(new URL('in-worker.mjs', import.meta.url));
    worker.on('error', fail).on('message', resolve);
  });
export const passSymbol = (callback) => callback({ s: Symbol('s') });

/** Whoever looks at it is thrown at. */
const hostile = (target) =>
  new Proxy(target, {
    get: () => {
      throw new Error('get');
    },
    has: () => {
      throw new Error('has');
    },
    getPrototypeOf: () => {
      throw new Error('prototype');
    },
  });
export function throwsHostile() {
  throw hostile({});
}
export async function throwsHostileError() {
  throw hostile(new Error('x'));
}
