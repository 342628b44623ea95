// `syncFace`: the sync face of an async object, class, function or module, on this thread.

import { isObject, isThenable, kindOf } from '../channel/faceable.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { releaseHandle } from '../thread/handles.js';
import { Border, targetOf } from './border.js';
import { type InThreadMaker, makeInThread } from './in-thread.js';
import type { SyncFace } from './types.js';

/** T, where nothing but a type argument says what it is. */
type Said<T> = [T][T extends unknown ? 0 : never];

/** Makes faces. */
export interface FaceMaker {
  <T extends object>(target: T extends PromiseLike<unknown> ? never : T): SyncFace<T>;
  readonly inThread: InThreadMaker;
}

export interface SyncFaceMaker extends FaceMaker {
  /**
   * The same with options for each call of a face's method and each property that is waited for: `timeout` (ms) and
   * `signal`. Each `with` makes faces of its own.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const db = syncFace.with({ timeout: 1000 })(asyncDb);
   * @since 0.1.0
   */
  with(options: WaitOptions): FaceMaker;
  /**
   * The real object behind a face; undefined for what is no face. Say its type, which cannot be inferred.
   *
   * @example
   * const db = syncFace.target<Database>(face);
   * @since 0.1.0
   */
  target<T>(face: SyncFace<Said<T>>): T | undefined;
  /**
   * Lets the object of a face that `inThread` made go, at once; any use of the face is a ReleasedError from then on. It
   * is let go without it too, when nobody holds the face any more, and by `Symbol.dispose`, which disposes of it first.
   *
   * @returns Whether it is such a face.
   * @since 0.1.0
   */
  release(face: object): boolean;
}

function make(border: Border, target: unknown): unknown {
  if (!isObject(target)) {
    throw new InvalidArgumentError(
      `syncFace() takes an object, a class, a function or a module, not ${describe(target)}.`,
    );
  }
  const own = targetOf(target) ?? target;
  if (own === target && typeof own !== 'function' && isThenable(own)) {
    throw new InvalidArgumentError(
      'syncFace() takes no promise: write `run(promise)`, or `syncFace(run(promise))` for a face of what it gives.',
    );
  }
  // Asked for by name, a plain object gets a face even if it holds nothing yet.
  if (typeof own === 'object' && kindOf(own) === 'plain') return border.faceOf(own);
  return border.give(own);
}

function maker(border: Border, options: WaitOptions | undefined): FaceMaker {
  const here = (target: unknown) => make(border, target);
  const inThread = (target: unknown, ...args: unknown[]) => makeInThread(target, args, options);
  return Object.assign(here, { inThread }) as FaceMaker;
}

const border = new Border();

/**
 * The second, sync face of an async object, class, function or module: the same members, but what was a promise is its
 * value, by `run`. So are the faces of what it gives, and of what it passes to callbacks; see {@link SyncFace}.
 *
 * Plain data crosses as it is; instances of classes, functions and objects that hold some get a face, one for each
 * object. A face that is passed to a face's method arrives there as the real object.
 *
 * @param target Anything but a primitive or a promise.
 * @throws InvalidArgumentError. Each use of the face throws what its target throws, and what `run` throws.
 * @example
 * using db = syncFace(Database).open('app.db');
 * for (const row of db.query('select * from t')) console.log(row.name);
 * @since 0.1.0
 */
export const syncFace: SyncFaceMaker = Object.assign(maker(border, undefined), {
  with: (options: WaitOptions) => {
    checkOptions('syncFace.with()', options);
    return maker(new Border(options), options);
  },
  target: (face: unknown) => (isObject(face) ? targetOf(face) : undefined) as never,
  release: (face: unknown) => isObject(face) && releaseHandle(face),
});
