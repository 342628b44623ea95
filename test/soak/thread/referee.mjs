// Judges what comes of each call. A thread that has answered and dies afterwards may take a later call with it, or be
// replaced in between; that is the only thing that is not known beforehand.
import { inspect, isDeepStrictEqual } from 'node:util';
import { factsOf } from './errors.mjs';
import { asCrossed } from './values.mjs';

/** The thread turns its loop after 64 calls in a row, and dies then. */
const MOST_LATER = 500;

const brief = (value) =>
  inspect(value, { depth: 3, maxStringLength: 100, maxArrayLength: 10, breakLength: Infinity });

export class Wrong extends Error {
  name = 'Wrong';
}

export function outcomeOf(work) {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown };
  }
}

/** `started()` is how many threads there have been. */
export function makeReferee(started) {
  let stray;
  const tally = { timeouts: 0, inTime: 0, deaths: 0, strays: 0 };

  const same = (actual, expected) => {
    if (isDeepStrictEqual(actual, asCrossed(expected))) return;
    throw new Wrong(`it gave ${brief(actual)} instead of ${brief(expected)}`);
  };
  const sameError = (thrown, expected) => {
    if (thrown === expected) return;
    if (!(expected instanceof Error)) return same(thrown, expected);
    const [actual, wanted] = [factsOf(thrown), factsOf(expected)];
    if (typeof thrown?.stack === 'string' && isDeepStrictEqual(actual, asCrossed(wanted))) return;
    throw new Wrong(`it threw ${brief(actual)} instead of ${brief(wanted)}`);
  };

  /** The outcome; undefined where the thread died of what an earlier call has left behind. */
  const play = (work) => {
    const outcome = outcomeOf(work);
    if (stray === undefined) return outcome;
    const diedOfIt =
      outcome.thrown?.code === 'ERR_ISTHMUS_THREAD_DIED' && outcome.thrown.cause?.message === stray.message;
    if (diedOfIt) tally.strays++;
    if (diedOfIt || started() > stray.threads) stray = undefined;
    else if (++stray.calls > MOST_LATER) throw new Wrong(`the thread did not die of "${stray.message}"`);
    return diedOfIt ? undefined : outcome;
  };
  const code = ({ value, thrown }, expected) => {
    if (thrown?.code !== expected) {
      throw new Wrong(
        `it was to throw ${expected}, not to ${thrown ? 'throw' : 'give'} ${brief(thrown ?? value)}`,
      );
    }
  };

  return {
    tally,
    same,
    stray(message) {
      stray ??= { message, calls: 0, threads: started() };
    },
    gives(work, expected) {
      const outcome = play(work);
      if (outcome === undefined) return;
      if ('thrown' in outcome) throw new Wrong(`it threw ${brief(outcome.thrown)}`);
      same(outcome.value, typeof expected === 'function' ? expected() : expected);
    },
    fails(work, expected) {
      const outcome = play(work);
      if (outcome === undefined) return;
      if ('value' in outcome) throw new Wrong(`it gave ${brief(outcome.value)} and was to throw`);
      sameError(outcome.thrown, expected);
    },
    ends(work, expected) {
      const outcome = play(work);
      if (outcome === undefined) return;
      code(outcome, expected);
      if (expected === 'ERR_ISTHMUS_TIMEOUT') tally.timeouts++;
    },
    /** Whichever is noticed first: the end of its time, or of what could settle it. */
    neverGives(work) {
      const outcome = play(work);
      if (outcome === undefined) return;
      const isEmpty = outcome.thrown?.code === 'ERR_ISTHMUS_NEVER_SETTLES';
      code(outcome, isEmpty ? 'ERR_ISTHMUS_NEVER_SETTLES' : 'ERR_ISTHMUS_TIMEOUT');
      if (!isEmpty) tally.timeouts++;
    },
    either(work, expected) {
      const outcome = play(work);
      if (outcome === undefined) return;
      if ('value' in outcome) {
        same(outcome.value, expected);
        tally.inTime++;
      } else {
        code(outcome, 'ERR_ISTHMUS_TIMEOUT');
        tally.timeouts++;
      }
    },
    dies(work, cause) {
      const outcome = play(work);
      if (outcome === undefined) return;
      code(outcome, 'ERR_ISTHMUS_THREAD_DIED');
      if (cause !== undefined) sameError(outcome.thrown.cause, cause);
      tally.deaths++;
    },
  };
}
