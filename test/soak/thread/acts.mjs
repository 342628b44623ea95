// What the soak does, by name: how many of 5,000 calls are of a kind, how one is made, and what has to come of it.
import { runInThread } from 'isthmus';
import { makeError } from './errors.mjs';
import * as f from './functions.mjs';

const BLOCK = 5000;

/** `runInThread`, but a hang is found. */
const call = runInThread.with({ timeout: 60_000 });
const within = (timeout) => runInThread.with({ timeout });

const spinFor = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

/**
 * `group` is the column of the summary. `play` is given what belongs to one call: its `token`, a random `value`, a
 * `recipe` for an error, `random`, and the checks: `gives(work, expected)`, `fails(work, error)`, `ends(work, code)`,
 * `either(work, expected)` for what may also be too late, and `dies(work, cause)`.
 */
export const acts = {
  'an answer by a promise': {
    share: 600,
    play: ({ token, value, gives }) => gives(() => call(f.echoSoon, token, value), [token, value]),
  },
  'an answer after a turn': {
    share: 250,
    play: ({ token, value, gives }) => gives(() => call(f.echoTurn, token, value), [token, value]),
  },
  'an answer by a timer': {
    share: 75,
    play: ({ token, value, random, gives }) =>
      gives(() => call(f.echoLater, token, random.below(2), value), [token, value]),
  },
  'many arguments': {
    share: 75,
    play({ token, values, random, gives }) {
      const many = Array.from({ length: random.below(300) }, (_, i) => (random.below(20) ? i : values.any()));
      gives(() => call(f.echo, token, ...many), [token, ...many]);
    },
  },
  'an error': {
    share: 300,
    play: ({ token, recipe, fails }) => fails(() => call(f.fail, token, recipe), makeError(recipe)),
  },
  'an error by a promise': {
    share: 75,
    play: ({ token, recipe, fails }) => fails(() => call(f.failTurn, token, recipe), makeError(recipe)),
  },
  'anything thrown': {
    share: 25,
    play: ({ token, value, fails }) => fails(() => call(f.throwValue, token, value), [token, value]),
  },
  'a callback': {
    share: 375,
    play({ token, value, other, gives, same }) {
      const callback = (...args) => {
        same(args, [token, value]);
        return other;
      };
      gives(() => call(f.callBack, token, value, callback), [token, other]);
    },
  },
  'many callbacks': {
    share: 50,
    play({ token, random, gives }) {
      let count = 0;
      const times = random.below(30);
      const callback = (...args) => [...args, count++];
      const answers = Array.from({ length: times }, (_, i) => [token, i, i]);
      gives(() => call(f.callBackOften, token, times, callback), [token, answers]);
    },
  },
  'several callbacks': {
    share: 50,
    play: ({ token, gives }) =>
      gives(
        () => call(f.callBoth, token, { a: (n) => `a${n} ${token}`, list: [(n) => `b${n} ${token}`] }),
        [token, `a1 ${token}`, `b2 ${token}`, `a3 ${token}`],
      ),
  },
  'a callback that throws': {
    share: 50,
    play({ token, recipe, fails }) {
      const callback = () => {
        throw makeError(recipe);
      };
      fails(() => call(f.callBack, token, 0, callback), makeError(recipe));
    },
  },
  'a callback after its call': {
    share: 8,
    play({ token, next, gives, started }) {
      gives(() => call(f.keep, token, () => 'too late'), [token]);
      const before = started();
      const later = next();
      const answer = () => call(f.useKept, later);
      // A thread that has died meanwhile has taken what it kept with it.
      const lost = () => (started() === before ? 'ERR_ISTHMUS_CALL_OVER' : 'nothing was kept');
      gives(answer, () => [later, lost()]);
    },
  },
  'a signal aborted in a callback': {
    share: 40,
    play({ token, recipe, fails }) {
      const controller = new AbortController();
      const stop = () => controller.abort(makeError(recipe));
      const limited = runInThread.with({ signal: controller.signal, timeout: 60_000 });
      fails(() => limited(f.callBackOften, token, 5, stop), makeError(recipe));
    },
  },
  'a signal aborted before': {
    share: 12,
    play({ token, recipe, fails }) {
      const reason = makeError(recipe);
      fails(() => runInThread.with({ signal: AbortSignal.abort(reason) })(f.echo, token), reason);
    },
  },
  'a value that cannot cross': {
    share: 25,
    play: ({ token, value, ends }) =>
      ends(() => call(f.echo, token, value, { symbol: Symbol('s') }), 'ERR_ISTHMUS_UNCLONEABLE'),
  },

  'never settles': {
    share: 10,
    group: 'timeouts',
    play: ({ token, random, neverGives }) => neverGives(() => within(random.below(4))(f.never, token)),
  },
  'settles about then': {
    share: 30,
    group: 'timeouts',
    play: ({ token, value, random, either }) =>
      either(() => within(random.below(4))(f.echoLater, token, random.below(4), value), [token, value]),
  },
  'several settle while nobody waits': {
    share: 3,
    group: 'timeouts',
    play({ token, value, next, either }) {
      // Not as JSON: what is sent through the port has to find its own call too.
      const late = [value, new Map()];
      for (const mine of [token, next(), next()]) {
        either(() => within(0)(f.echoLater, mine, 1, late), [mine, late]);
      }
      spinFor(4);
    },
  },
  'answers when it is given up': {
    share: 10,
    group: 'timeouts',
    play: ({ token, value, random, ends }) =>
      ends(() => within(random.below(4))(f.untilAborted, token, value), 'ERR_ISTHMUS_TIMEOUT'),
  },
  'works on for a while': {
    share: 8,
    group: 'timeouts',
    play: ({ token, value, random, either }) =>
      either(() => within(1)(f.spinFor, token, random.below(8), value), [token, value]),
  },
  'a callback takes too long': {
    share: 3,
    group: 'timeouts',
    play: ({ token, ends }) =>
      ends(() => within(2)(f.callBackOften, token, 1000, () => spinFor(1)), 'ERR_ISTHMUS_TIMEOUT'),
  },
  spins: {
    share: 1,
    group: 'timeouts',
    play: ({ token, ends }) => ends(() => within(20)(f.spinFor, token, Infinity), 'ERR_ISTHMUS_TIMEOUT'),
  },

  'process.exit': {
    share: 3,
    group: 'deaths',
    play: ({ token, random, dies }) => dies(() => call(f.exit, token, random.below(8))),
  },
  'process.exit after a turn': {
    share: 1,
    group: 'deaths',
    play: ({ token, random, dies }) => dies(() => call(f.exitTurn, token, random.below(8))),
  },
  'process.exit after a callback': {
    share: 1,
    group: 'deaths',
    play({ token, random, dies, same }) {
      let told = 0;
      dies(() => call(f.exitAfter, token, () => told++, random.below(8)));
      same(told, 1);
    },
  },
  'an error that nobody catches': {
    share: 2,
    group: 'deaths',
    play: ({ token, recipe, dies }) => dies(() => call(f.crash, token, recipe), makeError(recipe)),
  },
  'a rejection that nobody handles': {
    share: 1,
    group: 'deaths',
    play: ({ token, recipe, dies }) => dies(() => call(f.reject, token, recipe), makeError(recipe)),
  },
  'after its answer': {
    share: 2,
    group: 'deaths',
    play({ token, gives, stray }) {
      const message = `stray ${token}`;
      gives(() => call(f.crashAfterwards, token, message), [token]);
      stray(message);
    },
  },
  'out of memory': {
    share: 1,
    group: 'deaths',
    play: ({ token, dies }) => dies(() => call(f.outOfMemory, token)),
  },
};

const others = Object.values(acts).reduce((sum, { share }) => sum + share, 0);
acts['an answer at once'] = {
  share: BLOCK - others,
  play: ({ token, value, gives }) => gives(() => call(f.echo, token, value), [token, value]),
};

/** The names of a block's acts, in an order of their own. */
export function deal({ below }) {
  const deck = Object.entries(acts).flatMap(([name, { share }]) => Array(share).fill(name));
  for (let i = deck.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [deck[i], deck[j]] = [deck[j], deck[i]];
  }
  return deck;
}
