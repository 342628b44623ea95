// What `await` does, without leaving the caller.

import type { WaitOptions } from '../options.js';
import { noPump } from './base.js';
import { drain } from './drain.js';
import { type Pump, pump } from './pump.js';
import { block, settle, watch } from './wait.js';

const { then: thenOf } = Promise.prototype;
const AGAIN = {};

/** Once in a thread, at its first pending work: where Node notes that ticks are scheduled. */
function findTicks(pump: Pump): void {
  drain(pump);
  pump.findTicks(0);
  process.nextTick(() => {});
  pump.findTicks(1);
  drain(pump);
  pump.findTicks(2);
}

/** The value of `awaited`, as `await` would give it. */
export function awaitSync(awaited: unknown, options: WaitOptions | undefined, what: string): unknown {
  if (awaited === null || (typeof awaited !== 'object' && typeof awaited !== 'function')) return awaited;
  let promise: Promise<unknown>;
  let drained = false;
  // As the language has it: a promise of this realm is followed directly, and a `then` of its own is not looked at.
  if (awaited instanceof Promise && awaited.constructor === Promise) {
    if (pump === undefined) {
      // Whoever catches this error has no use for the work's own, and an unhandled one would end the process.
      thenOf.call(awaited, undefined, () => {});
      throw noPump();
    }
    // A promise that is fulfilled, or nearly so, costs one native call and no handler.
    const value = pump.settle(awaited, AGAIN);
    drained = value === awaited;
    if (!drained && value !== AGAIN) return value;
    promise = awaited;
  } else {
    const own: unknown = (awaited as { then?: unknown }).then;
    if (typeof own !== 'function') return awaited;
    if (pump === undefined) throw noPump();
    promise = adopt(awaited, own as Then);
  }
  const wait = watch(promise);
  if (drained) block(pump, wait, options, what);
  else {
    if (!pump.findTicks(-1)) findTicks(pump);
    settle(pump, wait, options, what);
  }
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
