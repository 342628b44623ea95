// The wait: turns the loop until the promise settles, and knows every other way out.
//
// Guarantees:
// - it ends when the promise settles, the signal aborts, the timeout passes, or nothing is left that could settle it;
// - the wait below is found as it was, whatever ends this one;
// - AsyncLocalStorage, ticks and microtasks are the same after it as before.

import { clock } from '../clock.js';
import { CannotRunError, NeverSettlesError, TimeoutError } from '../errors.js';
import type { WaitOptions } from '../options.js';
import { refusal } from './base.js';
import { drain } from './drain.js';
import { noteSettled, pop, push, type Wait } from './held.js';
import { runImmediates } from './immediates.js';
import { type Pump, Turned } from './pump.js';
import { FiredTimers } from './timers.js';
import { admit, mayMend, progress, STALL } from './turn.js';

const { then } = Promise.prototype;

/** Watches a native promise; a promise whose rejection is watched is a handled one. */
export function watch(promise: Promise<unknown>): Wait {
  const wait: Wait = {
    promise,
    state: 0,
    value: undefined,
    token: 0,
    level: 0,
    settledAt: 0,
    above: 0,
    by: '',
  };
  then.call(
    promise,
    (value: unknown) => {
      wait.state = 1;
      wait.value = value;
      noteSettled(wait);
    },
    (reason: unknown) => {
      wait.state = 2;
      wait.value = reason;
      noteSettled(wait);
    },
  );
  return wait;
}

/** Waits until `wait` has settled; throws where it has to end before. */
export function settle(pump: Pump, wait: Wait, options: WaitOptions | undefined, what: string): void {
  drain(pump);
  if (wait.state === 0) block(pump, wait, options, what);
}

// Copies of the package on one thread share the pump, so each begins to count elsewhere.
let token = Math.trunc(Math.random() * 2 ** 31);

/** The same where ticks and microtasks were drained already. */
export function block(pump: Pump, wait: Wait, options: WaitOptions | undefined, what: string): void {
  const signal = options?.signal;
  const timeout = options?.timeout;
  const deadline = timeout === undefined ? 0 : clock() + timeout;
  let ended = false;
  let patience: Patience | undefined;
  let timers: FiredTimers | undefined;
  token = (token + 1) | 0;
  wait.token = token;
  push(wait);
  try {
    admit(pump);
    if (wait.state !== 0) return;
    let turned = pump.wait(longest(timeout, deadline, undefined, mayMend()), wait.token, wait.promise);
    if ((turned & Turned.ended) !== 0 && turned > 0) {
      ended = true;
      if (wait.state !== 0) return;
      // Its handler is still to run, unless it belongs to a vm context whose microtasks run only afterwards.
      drain(pump);
      if ((wait.state as number) === 0) throw new NeverSettlesError();
      return;
    }
    if (turned < 0) {
      const refused = refusal(pump, -turned);
      if (refused !== undefined) throw refused;
      if ((-turned & pump.kinds.timer) !== 0) timers = FiredTimers.begin();
      turned = (-turned & pump.kinds.batch) !== 0 ? Turned.alive | Turned.immediates : Turned.alive;
    }
    for (;;) {
      // Each callback of the turn has drained after itself; what is left comes from elsewhere.
      if (wait.state !== 0) return;
      drain(pump);
      if (wait.state !== 0) return;
      if ((turned & Turned.immediates) !== 0) {
        runImmediates(pump, wait);
        if (wait.state !== 0) return;
      }
      if (signal?.aborted) throw signal.reason;
      if (timeout !== undefined && clock() >= deadline) throw new TimeoutError(what, timeout);
      const alone =
        (turned & Turned.held) !== 0 && (turned & Turned.rang) !== 0 && pump.quiet().onlyListening;
      const mending = mayMend();
      if (mending || ((turned & Turned.alive) !== 0 && !alone)) patience = undefined;
      else if (patience === undefined) patience = new Patience(pump, alone ? HELD_GRACE : GRACE);
      else if (patience.over()) throw (turned & Turned.held) !== 0 ? heldClose() : new NeverSettlesError();
      admit(pump);
      if (wait.state !== 0) return;
      turned = pump.turn(longest(timeout, deadline, patience, mending), mending || patience !== undefined);
    }
  } finally {
    timers?.end();
    if (!ended) pump.end(wait.token);
    pop(wait);
    progress();
  }
}

/** How many ms a turn may last; negative for no limit of its own. */
function longest(timeout?: number, deadline = 0, patience?: Patience, mending?: boolean): number {
  if (timeout === undefined && patience === undefined && !mending) return -1;
  const left = timeout === undefined ? 1e9 : deadline - clock();
  return Math.max(0, Math.ceil(Math.min(left, patience?.left() ?? 1e9, mending ? STALL : 1e9)));
}

/** ms that a loop with nothing left gets for work that lives off it, such as WebAssembly.compile. */
const GRACE = 200;
/** ms for a loop that only listens, while a handle is kept from closing. */
const HELD_GRACE = 2000;
/** ms that threads which are still computing, and unreferenced timers, can stretch it to. */
const LONGEST = 30_000;

// A loop that is not alive may still be woken: by a platform thread that compiles, by an unreferenced timer or handle.
class Patience {
  readonly #pump: Pump;
  readonly #hard = clock() + LONGEST;
  #until: number;
  #checkedAt = clock();
  #busy: number;

  constructor(pump: Pump, grace: number) {
    this.#pump = pump;
    const { nextTimer, otherThreads } = pump.quiet();
    this.#busy = otherThreads;
    this.#until = clock() + grace + Math.min(Math.max(0, nextTimer), LONGEST - grace);
  }

  left(): number {
    return Math.max(0, this.#until - clock());
  }

  /** True once nothing has happened for the whole grace; other threads at work win another one. */
  over(): boolean {
    const now = clock();
    if (now < this.#until) return false;
    const { otherThreads } = this.#pump.quiet();
    const share = (otherThreads - this.#busy) / 1000 / (now - this.#checkedAt);
    this.#busy = otherThreads;
    this.#checkedAt = now;
    if (share < 0.1 || now >= this.#hard) return true;
    this.#until = Math.min(now + GRACE, this.#hard);
    return false;
  }
}

function heldClose(): CannotRunError {
  return new CannotRunError(
    "nothing is left but the 'close' of a handle that a callback below this call still uses",
    'Let that callback return first: `await turn()`, or `await` the close.',
  );
}
