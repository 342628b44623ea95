// Places that the event loop and the language themselves call from.
import { EventEmitter } from 'node:events';
import { Readable, Transform } from 'node:stream';
import vm from 'node:vm';
import { SAME_LIST_MS, sleep } from '../kit.mjs';

const nothing = () => {};

export const microtask = { fire: (_, call) => queueMicrotask(call) };

export const nextTick = { fire: (_, call) => process.nextTick(call) };

export const timer = { fire: (_, call) => setTimeout(call, SAME_LIST_MS) };

export const timerMicrotask = {
  title: 'timer, then await',
  fire: (_, call) =>
    setTimeout(async () => {
      await null;
      call();
    }, SAME_LIST_MS),
};

// While its callback runs an interval is not armed, so it does not keep the loop alive there.
export const interval = {
  fire(_, call) {
    const ticking = setInterval(() => {
      call();
      clearInterval(ticking);
    }, SAME_LIST_MS);
  },
};

export const immediateFirst = {
  title: 'immediate, first of its batch',
  fire: (_, call) => setImmediate(call),
};

export const immediateLater = {
  title: 'immediate, later in its batch',
  fire(_, call) {
    setImmediate(nothing);
    setImmediate(call);
  },
};

export const immediateMicrotask = {
  title: 'immediate, then await',
  fire(_, call) {
    setImmediate(async () => {
      await null;
      call();
    });
    setImmediate(nothing);
  },
};

export const emitter = {
  title: 'EventEmitter listener',
  fire(_, call) {
    const events = new EventEmitter().on('go', call);
    setTimeout(() => events.emit('go'), 1);
  },
};

export const eventTarget = {
  title: 'EventTarget listener',
  fire(_, call) {
    const target = new EventTarget();
    target.addEventListener('go', () => call());
    setTimeout(() => target.dispatchEvent(new Event('go')), 1);
  },
};

export const transform = {
  title: 'stream Transform',
  fire(_, call) {
    const through = new Transform({
      transform(piece, _encoding, done) {
        call();
        done(null, piece);
      },
    });
    Readable.from(['piece']).pipe(through).resume();
  },
};

export const finalization = {
  title: 'FinalizationRegistry callback',
  fire(_, call) {
    let called = false;
    const registry = new FinalizationRegistry(() => {
      called = true;
      call();
    });
    (() => registry.register({}, 'gone'))();
    const collectGarbage = () => {
      if (called) return;
      globalThis.gc();
      setTimeout(collectGarbage, 5);
    };
    setTimeout(collectGarbage, 1);
    return registry;
  },
};

export const uncaughtException = {
  title: 'uncaughtException handler',
  fire: (_, call) =>
    setTimeout(() => {
      throw Object.assign(new Error('meant to be uncaught'), { meant: call });
    }, 1),
};

export const unhandledRejection = {
  title: 'unhandledRejection handler',
  fire: (_, call) =>
    setTimeout(() => {
      Promise.reject(Object.assign(new Error('meant to be unhandled'), { meant: call }));
    }, 1),
};

export const vmContext = {
  title: 'vm context',
  fire(_, call) {
    const context = vm.createContext({ call });
    setTimeout(() => vm.runInContext('call()', context), 1);
  },
};

export const vmMicrotask = {
  title: 'vm context, microtask',
  fire(_, call) {
    const context = vm.createContext({ call });
    setTimeout(() => vm.runInContext('Promise.resolve().then(() => call())', context), 1);
  },
};

export const vmOwnQueue = {
  title: 'vm context with its own microtask queue',
  fire(_, call) {
    const context = vm.createContext({ call }, { microtaskMode: 'afterEvaluate' });
    setTimeout(() => vm.runInContext('Promise.resolve().then(() => call())', context), 1);
  },
};

export const insideRun = {
  title: 'inside another run',
  fire: (_, call, { run }) =>
    setTimeout(
      () =>
        run(async () => {
          await sleep(1);
          call();
        }),
      1,
    ),
};

export const insideRunSync = {
  title: 'inside another run, before its first await',
  fire: (_, call, { run }) => setTimeout(() => run(async () => call()), 1),
};

export const afterTurn = {
  title: 'after await turn()',
  async fire(_, call, { turn }) {
    await turn();
    call();
  },
};
