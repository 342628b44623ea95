// `syncFace.inThread`: an object is made on the service thread, and stays there.
import { isClass, isObject } from '../channel/faceable.js';
import { InvalidArgumentError } from '../errors.js';
import { describe, type WaitOptions } from '../options.js';
import { type Address, addressOfMaker, checkAddress } from '../task/address.js';
import { callService, operationJob } from '../thread/service.js';
import type { Arguments, SyncFace } from './types.js';

/** Makes objects on the service thread. */
export interface InThreadMaker {
  /**
   * Makes an object on the kept service thread, by an exported class or function, and gives its sync face: each use of
   * the face is a call there, for which this thread sleeps; see `runInThread` for what crosses, and how. What is no
   * plain data stays there as well, and is a face here. A face among the arguments is the object itself there.
   *
   * Functions that are passed to a method are called back while it runs; listeners (`on`, `once`, `addListener`,
   * `addEventListener`, `subscribe` …) as long as the object has them: at once while this thread sleeps in a call, else by
   * its event loop.
   *
   * @param target An exported class or function, itself or its address, `{ module, name }`.
   * @throws What making it throws, and what `runInThread` throws. ReleasedError and ThreadDiedError by the face's members,
   * when the object has been let go or its thread has ended.
   * @example
   * using db = syncFace.inThread(Database, 'app.db');
   * const rows = db.query('select * from t');
   * @since 0.1.0
   */
  <C extends abstract new (...args: never) => object>(
    target: C,
    ...args: Arguments<ConstructorParameters<C>>
  ): SyncFace<InstanceType<C>> & Disposable;
  <A extends readonly unknown[], R>(target: (...args: A) => R, ...args: A): SyncFace<Awaited<R>>;
  <A extends readonly unknown[], R>(target: (...args: A) => R, ...args: Arguments<A>): SyncFace<Awaited<R>>;
  <T = unknown>(address: Address, ...args: unknown[]): SyncFace<T>;
}

type AnyClass = abstract new (...args: never) => object;

export function makeInThread(
  target: unknown,
  args: readonly unknown[],
  options: WaitOptions | undefined,
): unknown {
  options?.signal?.throwIfAborted();
  if (!isObject(target)) {
    throw new InvalidArgumentError(
      `syncFace.inThread() takes an exported class or function, or its address like { module, name }, not ${describe(target)}.`,
    );
  }
  const isFunction = typeof target === 'function';
  const address = isFunction ? addressOfMaker(target as never) : checkAddress(target);
  const prototype =
    isFunction && isClass(target as never)
      ? ((target as unknown as AnyClass).prototype as object)
      : undefined;
  const what = `syncFace.inThread(${isFunction ? target.name : (address as Address).name})`;
  return callService(operationJob('make', what, options, { prototype }), [address, ...args]);
}
