// No wake-up is lost, no message is torn, nobody waits for ever: in every order of the two sides' steps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, explore } from './model.mjs';

const limit = { timeout: 240_000 };

// One box, each access to its bytes a step of its own -------------------------------------------------------------------

const sendTwo = ({ room, op, mark }) => {
  const { down } = new room.Words();
  for (const n of [1, 2]) {
    mark(n);
    while (!down.claim());
    op('write', [0, n]);
    op('write', [1, n]);
    down.publish();
  }
};
/** Receives until the last message; those before it may have been given up. */
const receiveTwo = ({ room, op, mark, memory }) => {
  const { down } = new room.Words(memory);
  for (let last = 0; last !== 2; ) {
    mark(last);
    if (!down.take()) {
      down.wait(1);
      continue;
    }
    const first = op('read', [0]);
    const second = op('read', [1]);
    assert.equal(first, second, 'a torn message');
    assert.ok(first > last, 'a message twice');
    last = first;
    down.release();
  }
};
/** The other way round, so that it is the side without a time limit that sleeps. */
const boxes = [
  ['the receiver is woken by each message', { a: receiveTwo, b: sendTwo }],
  ['the sender gives an unread message up', { a: sendTwo, b: receiveTwo }],
];
for (const [name, programs] of boxes) {
  test(`a box: ${name}`, limit, async (t) => {
    const { states, ends } = explore(await compile(), programs);
    t.diagnostic(`${states} states, ${ends} ends`);
    assert.ok(states > 100 && ends > 0);
  });
}

// Both sides as they are: callService and serve -------------------------------------------------------------------------

const functions = {
  add: (a, b) => a + b,
  later: (value) => ({ then() {}, result: value }),
  back: (callback, n) => callback(n) + 1,
};
const keys = Object.fromEntries(Object.keys(functions).map((name) => [name, { name }]));

const caller =
  (calls) =>
  ({ room, progress }) => {
    let at = 0;
    progress(() => `${at}`);
    for (const [i, [name, args, expected, timeout]] of calls.entries()) {
      at = i * 10;
      let value;
      try {
        value = room.callService(
          {
            key: keys[name],
            target: ({ name }) => name,
            what: name,
            timeout,
            signal: undefined,
            transfer: undefined,
          },
          args.map((arg) => (typeof arg === 'function' ? (n) => ++at && arg(n) : arg)),
        );
      } catch (error) {
        if (timeout === undefined || error.code !== 'ERR_ISTHMUS_TIMEOUT') throw error;
        continue;
      }
      assert.equal(value, expected);
    }
  };

/** The service thread: its start, and then its event loop. */
const service = ({ room, memory, op, progress, port, tasks }) => {
  const microtasks = [];
  let handler;
  const load = (name) => ({
    then: (found) =>
      microtasks.push(() => found((...args) => step(functions[name](...args.map((arg) => step(arg)))))),
  });
  const drain = () => {
    while (microtasks.length > 0) microtasks.shift()();
  };
  let steps = 0;
  const step = (value) => {
    steps++;
    return value;
  };
  progress(() => `${steps},${tasks.immediates.length},${microtasks.length}`);
  const parent = { on: (_, listener) => (handler = listener), ref() {}, unref() {} };
  room.serve(new room.Words(memory), port('b', 'a'), parent, { load, classOf: () => undefined });
  for (;;) {
    drain();
    const what = op('poll', tasks.immediates.length);
    if (what === 'task') tasks.immediates.shift()();
    else handler(what.message);
  }
};

const add = (n) => ['add', [n, 1], n + 1];
const scenes = {
  'two calls in a row': [add(1), add(2)],
  'three calls in a row': [add(1), add(2), add(3)],
  'a call that takes a turn of the event loop': [['later', [5], 5], add(1)],
  'a call that is given up, and another': [['later', [5], 5, 0], add(1)],
  'the same function after it was given up': [['add', [1, 1], 2, 0], add(1)],
  'a callback': [['back', [(n) => n * 10, 2], 21], add(1)],
};
for (const [name, calls] of Object.entries(scenes)) {
  test(`both sides: ${name}`, limit, async (t) => {
    const { states, ends } = explore(await compile(), { a: caller(calls), b: service });
    t.diagnostic(`${states} states, ${ends} ends`);
    assert.ok(states > 100 && ends > 0);
  });
}

// Does the model see what is broken? --------------------------------------------------------------------------------------

const serve = 'worker/serve.ts';
const words = 'channel/words.ts';
const broken = {
  'a publish that wakes nobody': [
    [
      words,
      'Atomics.store(this.#words, this.#at, FULL);\n    Atomics.notify(this.#words, this.#at);',
      'Atomics.store(this.#words, this.#at, FULL);',
    ],
  ],
  'a thread that hears of a given-up call and tells nobody': [
    [
      words,
      'Atomics.store(this.#words, HEARD, id);\n    Atomics.notify(this.#words, HEARD);',
      'Atomics.store(this.#words, HEARD, id);',
    ],
  ],
  'a caller that takes the answer to another call': [
    ['thread/service.ts', 'message[0] === Kind.result && message[1] === id', 'message[0] === Kind.result'],
  ],
  'no look at the box after listening is over': [
    [serve, 'inARow > IN_A_ROW || words.down.full()', 'inARow > IN_A_ROW'],
  ],
};
for (const [name, changes] of Object.entries(broken)) {
  test(`the model sees ${name}`, limit, async () => {
    const make = await compile(changes);
    const run = () =>
      explore(make, { a: caller([add(1), add(2), ['later', [5], 5, 0], add(3)]), b: service });
    assert.throws(run, /nobody wakes it|a failed/);
  });
}

test('the model sees a box without an owner', limit, async () => {
  const make = await compile([
    [
      words,
      'return Atomics.compareExchange(this.#words, this.#at, FULL, BUSY) === FULL;\n  }\n\n  /** The message is whole',
      'return true;\n  }\n\n  /** The message is whole',
    ],
  ]);
  assert.throws(
    () => explore(make, boxes[1][1]),
    (error) => /torn|twice/.test(String(error.cause)),
  );
});
