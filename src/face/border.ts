// The border between async code and its sync user: what is given out gets a face, what is taken in loses it.
//
// Guarantees:
// - one face for an object and one wrapper for a function, as long as either lives;
// - what has crossed comes back as itself: a face given in is the real object, a callback given out the user's own.

import { holds, isClass, isObject, isThenable, kindOf, needsFace } from '../channel/faceable.js';
import type { WaitOptions } from '../options.js';
import { awaitSync } from '../run/await.js';
import { Mirror, type Side } from './mirror.js';

/** The real object behind each face, whichever border made it. */
const targets = new WeakMap<object, object>();
/** The user's own function or object behind each that a target was given instead. */
const originals = new WeakMap<object, object>();

export function targetOf(face: object): object | undefined {
  return targets.get(face);
}

/** Whether such a value inside an argument keeps the argument from being passed as it is. */
function needsWrapper(value: object): boolean {
  return targets.has(value) || (typeof value === 'function' && !isClass(value as () => unknown));
}

export class Border {
  readonly #options: WaitOptions | undefined;
  readonly #out: Side;
  readonly #in: Side;
  readonly #faces = new WeakMap<object, object>();
  readonly #wrappers = new WeakMap<object, object>();

  constructor(options?: WaitOptions) {
    this.#options = options;
    this.#out = new Outward(this, options?.signal);
    this.#in = new Inward(this);
  }

  /** The target's value as its user sees it; a promise is waited for. */
  reveal(value: object, what: string): unknown {
    if (typeof value === 'function') return this.give(value);
    const options = this.#options;
    if (options?.signal?.aborted && isThenable(value)) throw options.signal.reason;
    const settled = awaitSync(value, options, what);
    return isObject(settled) ? this.give(settled) : settled;
  }

  /** The same for what is no promise. */
  give(value: object): unknown {
    if (typeof value === 'function') {
      return this.#faces.get(value) ?? originals.get(value) ?? this.faceOf(value);
    }
    const kind = kindOf(value);
    if (kind === 'data') return value;
    const known = this.#faces.get(value);
    if (known !== undefined) return known;
    if (kind === 'face') return this.faceOf(value);
    const own = originals.get(value);
    if (own !== undefined) return own;
    if (targets.has(value) || !holds(value, needsFace)) return value;
    if (kind === 'array') return this.#giveList(value as unknown[]);
    return isStep(value) ? this.#giveStep(value) : this.faceOf(value);
  }

  faceOf(target: object): object {
    if (targets.has(target)) return target;
    let face = this.#faces.get(target);
    if (face === undefined) {
      face = new Mirror(target, this.#out).proxy;
      this.#faces.set(target, face);
      targets.set(face, target);
    }
    return face;
  }

  /** The user's value as the target gets it. */
  take(value: object): unknown {
    const known = targets.get(value) ?? this.#wrappers.get(value);
    if (known !== undefined) return known;
    if (typeof value === 'function') return isClass(value as () => unknown) ? value : this.#wrap(value);
    const kind = kindOf(value);
    if (kind === 'data' || kind === 'face' || !holds(value, needsWrapper)) return value;
    return kind === 'plain'
      ? this.#wrap(value)
      : Array.from(value as unknown[], (item) => this.#takeAny(item));
  }

  #takeAny(value: unknown): unknown {
    return isObject(value) ? this.take(value) : value;
  }

  #wrap(own: object): object {
    if (originals.has(own)) return own;
    const wrapper = new Mirror(own, this.#in).proxy;
    this.#wrappers.set(own, wrapper);
    originals.set(wrapper, own);
    return wrapper;
  }

  // All promises are waited for at once: while one is, another one's rejection must not be an unhandled one.
  #giveList(list: readonly unknown[]): unknown[] {
    if (list.some((item) => isObject(item) && isThenable(item))) {
      return this.reveal(Promise.all(list), 'an array of promises') as unknown[];
    }
    return Array.from(list, (item) => (isObject(item) ? this.give(item) : item));
  }

  // What an iterator's next() gives is taken apart at once, and needs no face of its own.
  #giveStep({ done, value }: IteratorResult<unknown>): IteratorResult<unknown> {
    return { done, value: isObject(value) ? this.reveal(value, 'a step') : value } as IteratorResult<unknown>;
  }
}

function isStep(value: object): value is IteratorResult<unknown> {
  return Object.hasOwn(value, 'done') && Object.hasOwn(value, 'value') && Reflect.ownKeys(value).length === 2;
}

/** What the user does to a face. */
class Outward implements Side {
  readonly sync = true;
  readonly #border: Border;
  readonly #signal: AbortSignal | undefined;

  constructor(border: Border, signal: AbortSignal | undefined) {
    this.#border = border;
    this.#signal = signal;
  }

  begin(): void {
    this.#signal?.throwIfAborted();
  }

  show(value: object, what: string): unknown {
    return this.#border.reveal(value, what);
  }

  pass(value: object): unknown {
    return this.#border.take(value);
  }

  passThis(value: object): unknown {
    return targets.get(value) ?? value;
  }

  isStable(value: object, always: boolean): boolean {
    return !isThenable(value) && staysSo(value, always, needsFace);
  }

  targetOf(proxy: object): object | undefined {
    return targets.get(proxy);
  }
}

/** What the target does to the user's own functions and objects. */
class Inward implements Side {
  readonly sync = false;
  readonly #border: Border;

  constructor(border: Border) {
    this.#border = border;
  }

  begin(): void {}

  show(value: object): unknown {
    return this.#border.take(value);
  }

  pass(value: object, what: string): unknown {
    return this.#border.reveal(value, what);
  }

  passThis(value: object): unknown {
    return this.#border.give(value);
  }

  isStable(value: object, always: boolean): boolean {
    return staysSo(value, always, needsWrapper);
  }

  targetOf(proxy: object): object | undefined {
    return originals.get(proxy);
  }
}

function staysSo(value: object, always: boolean, wanted: (value: object) => boolean): boolean {
  const kind = kindOf(value);
  if (kind === 'data' || kind === 'face') return true;
  return !always && !(kind === 'array' && holds(value, wanted));
}
