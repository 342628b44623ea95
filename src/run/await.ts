// What `await` does, without leaving the caller.

import type { WaitOptions } from '../options.js';
import { noPump } from './base.js';
import { pump } from './pump.js';
import { settle, watch } from './wait.js';

const { then: thenOf } = Promise.prototype;

/** The value of `awaited`, as `await` would give it. */
export function awaitSync(awaited: unknown, options: WaitOptions | undefined, what: string): unknown {
  if (awaited === null || (typeof awaited !== 'object' && typeof awaited !== 'function')) return awaited;
  let promise: Promise<unknown>;
  // As the language has it: a promise of this realm is followed directly, and a `then` of its own is not looked at.
  if (awaited instanceof Promise && awaited.constructor === Promise) {
    if (pump === undefined) {
      // Whoever catches this error has no use for the work's own, and an unhandled one would end the process.
      thenOf.call(awaited, undefined, () => {});
      throw noPump();
    }
    // A fulfilled promise costs one native call, and no turn.
    const value = pump.peek(awaited);
    if (value !== awaited) return value;
    promise = Promise.resolve(awaited);
  } else {
    const own: unknown = (awaited as { then?: unknown }).then;
    if (typeof own !== 'function') return awaited;
    if (pump === undefined) throw noPump();
    promise = adopt(awaited, own as Then);
  }
  const wait = watch(promise);
  settle(pump, wait, options, what);
  if (wait.state === 2) throw wait.value;
  return wait.value;
}

type Then = (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => unknown;

/** A promise that follows a thenable as `await` does: its `then` is read once, and called in a microtask. */
function adopt(thenable: object, then: Then): Promise<unknown> {
  return new Promise((resolve, reject) => {
    thenOf.call(Promise.resolve(), () => {
      try {
        then.call(thenable, resolve, reject);
      } catch (error) {
        reject(error);
      }
    });
  });
}
