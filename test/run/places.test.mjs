// `run` gives its result wherever sync code stands.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import vm from 'node:vm';
import { canRun, run } from 'isthmus';

const limit = { timeout: 15_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const go = () => {
  assert.equal(canRun().how, 'loop', canRun().why);
  return run(later(2, 'value'));
};
const afterAwait = async (awaited) => {
  await awaited;
  return go();
};
/** A promise of what `go` gives inside the callback that `start` is given. */
const inside = (start) =>
  new Promise((resolve, reject) =>
    start(() => {
      try {
        resolve(go());
      } catch (error) {
        reject(error);
      }
    }),
  );

class Made {
  field = go();
  static from = '';
  static {
    Made.from = go();
  }
  constructor(value = go()) {
    this.value = value;
  }
}

const places = {
  'a function': () => go(),
  'after an await': () => afterAwait(later(1)),
  'after an await of nothing': () => afterAwait(null),
  '.then': () => Promise.resolve().then(go),
  '.finally': async () => {
    let value;
    await Promise.resolve().finally(() => {
      value = go();
    });
    return value;
  },
  queueMicrotask: () => inside(queueMicrotask),
  'a tick': () => inside(process.nextTick),
  'a timer': () => inside(setTimeout),
  'an interval': () =>
    inside((callback) => {
      const ticking = setInterval(() => {
        clearInterval(ticking);
        callback();
      }, 1);
    }),
  'an immediate': () => inside(setImmediate),
  'an event handler': () =>
    inside((callback) => {
      const emitter = new EventEmitter().on('event', callback);
      setTimeout(() => emitter.emit('event'), 1);
    }),
  'an EventTarget handler': () =>
    inside((callback) => {
      const target = new EventTarget();
      target.addEventListener('event', callback);
      setTimeout(() => target.dispatchEvent(new Event('event')), 1);
    }),
  'a socket handler': () =>
    inside((callback) => {
      const server = createServer((socket) => socket.end('data')).listen(0, '127.0.0.1', () => {
        connect(server.address().port, '127.0.0.1').once('data', () => {
          server.close();
          callback();
        });
      });
    }),
  'a port handler': () =>
    inside((callback) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        callback();
        port1.close();
      };
      port2.postMessage(1);
    }),
  'a getter': () =>
    ({
      get value() {
        return go();
      },
    }).value,
  'a setter': () => {
    let value;
    const object = {
      set value(_) {
        value = go();
      },
    };
    object.value = 1;
    return value;
  },
  'JSON.stringify': () => JSON.parse(JSON.stringify({ toJSON: () => ({ value: go() }) })).value,
  'JSON.parse': () => JSON.parse('{"a":1}', (key, value) => (key === 'a' ? go() : value)).a,
  'a comparator': () => {
    const seen = [];
    const sorted = [3, 1, 2].sort((a, b) => {
      seen.push(go());
      return a - b;
    });
    assert.deepEqual(sorted, [1, 2, 3]);
    return seen.every((value) => value === 'value') && seen[0];
  },
  'a replacer': () => 'x'.replace('x', go),
  'a constructor': () => new Made().value,
  'a class field': () => new Made().field,
  'a static block': () => Made.from,
  'a tagged template': () => go`text`,
  'an async generator': async () => {
    async function* source() {
      yield go();
    }
    for await (const value of source()) return value;
  },
  'toString, valueOf and Symbol.toPrimitive': () => {
    assert.equal(`${{ toString: go }}`, 'value');
    assert.equal(`${{ [Symbol.toPrimitive]: go }}`, 'value');
    return [{ valueOf: go }].reduce((text, value) => text + value, '');
  },
  'proxy traps': () => {
    const trap = () => go();
    const proxy = new Proxy(() => {}, { get: trap, apply: trap, ownKeys: () => [go()] });
    assert.equal(proxy(), 'value');
    assert.deepEqual(Reflect.ownKeys(proxy), ['value']);
    return proxy.any;
  },
  'a promise executor': () => new Promise((resolve) => resolve(go())),
  "a thenable's then": () => ({ ['then']: (resolve) => resolve(go()) }),
  'a finally block': () => {
    let value;
    try {
      throw new Error('passing');
    } catch {
    } finally {
      value = go();
    }
    return value;
  },
  'Array.fromAsync-like iteration': () => Array.from({ length: 2 }, go)[1],
  'Error.prepareStackTrace': () => {
    const { prepareStackTrace } = Error;
    try {
      Error.prepareStackTrace = () => {
        Error.prepareStackTrace = prepareStackTrace;
        return go();
      };
      return new Error('traced').stack;
    } finally {
      Error.prepareStackTrace = prepareStackTrace;
    }
  },
  'inside another run': () => run(() => afterAwait(later(1))),
  'inside a step of run.each': () =>
    [
      ...run.each(
        (async function* () {
          yield go();
        })(),
      ),
    ][0],
  'a vm script': () => vm.runInThisContext('(go) => go()')(go),
  'a vm context': () => vm.runInNewContext('go()', { go }),
  'a promise job of a vm context': () => vm.runInNewContext('Promise.resolve().then(() => go())', { go }),
  eval: () => new Function('go', 'return go()')(go),
};

for (const [title, place] of Object.entries(places)) {
  test(`in ${title}`, limit, async () => {
    assert.equal(await place(), 'value');
    // And again from below another call.
    assert.equal(run(Promise.resolve().then(place)), 'value');
  });
}

test('in the test body itself, sync and async', limit, async () => {
  assert.equal(go(), 'value');
  await null;
  assert.equal(go(), 'value');
});
