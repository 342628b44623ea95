// The types of an async face: an object of another thread as this one sees it. What stays there and what is sent is
// decided here for types and in residence.ts for values: what has methods stays.
import type { Overloads } from './overloads.js';
import type { AnyClass, AnyFunction, AsyncKey, Bare, Data, List, Methods, Primitive } from './types.js';

/**
 * T as `asyncFace` shows it: as {@link AsyncFace}, but properties are promises too, because they are read on the other
 * thread. Objects without methods are data, and come as they are. `SyncFace` is the way back.
 *
 * What TypeScript loses: what it loses of a SyncFace; and an object whose class has accessors and no methods looks like
 * data to it, and is none.
 *
 * @example
 * async function report(db: ThreadFace<Database>) {
 *   return (await db.isOpen) ? db.all('select 1') : [];
 * }
 * @since 0.1.0
 */
export type ThreadFace<T> = unknown extends T
  ? T
  : T extends Primitive
    ? T
    : T extends AnyClass
      ? ThreadClass<T>
      : T extends AnyFunction
        ? ThreadFunction<T>
        : T extends PromiseLike<infer V>
          ? ThreadFace<V>
          : T extends List
            ? { [I in keyof T]: ThreadFace<T[I]> }
            : [keyof T] extends [never]
              ? T
              : Data<T> extends never
                ? ThreadObject<T>
                : T;

type ThreadObject<T> =
  T extends Iterator<infer Y, infer R, infer N>
    ? Generator<Y, R, N> extends T
      ? AsyncGenerator<ThreadFace<Y>, ThreadFace<R>, N>
      : ThreadMembers<T>
    : T extends AsyncIterator<infer Y, infer R, infer N>
      ? AsyncGenerator<Y, R, N> extends T
        ? AsyncGenerator<ThreadFace<Y>, ThreadFace<R>, N>
        : ThreadMembers<T>
      : T extends Iterable<infer Y> | AsyncIterable<infer Y>
        ? Iterable<Y> extends T
          ? AsyncIterable<ThreadFace<Y>>
          : AsyncIterable<Y> extends T
            ? AsyncIterable<ThreadFace<Y>>
            : ThreadMembers<T>
        : Methods<T> extends never
          ? { [K in keyof T]: ThreadFace<T[K]> }
          : ThreadMembers<T>;

export type ThreadMembers<T> = {
  readonly [K in keyof T as K extends 'toJSON' ? never : AsyncKey<T, K>]: ThreadMember<T[K]>;
};

type ThreadMember<M> = NonNullable<M> extends AnyFunction ? ThreadFace<M> : Promise<Awaited<ThreadFace<M>>>;

/** What a property can be set to that a face shows as an M. */
export type ThreadValue<M> = M extends PromiseLike<infer V> ? V : M extends AnyFunction ? AnyFunction : M;

type ThreadClass<T extends AnyClass> = (T extends abstract new (
  ...args: infer A
) => infer I
  ? new (
      ...args: ThreadArguments<A>
    ) => Promise<ThreadFace<I>>
  : never) &
  ThreadMembers<T>;

type ThreadFunction<T extends AnyFunction> = ThreadCalls<Overloads<T>>;

type ThreadCalls<L> = L extends [[infer A extends List, infer R], ...infer Rest]
  ? Rest extends []
    ? (...args: ThreadArguments<A>) => ThreadResult<R>
    : ((...args: ThreadArguments<A>) => ThreadResult<R>) & ThreadCalls<Rest>
  : never;

/** A bare iterator comes at once, and its values later; the rest is promised. */
export type ThreadResult<R> = Bare<R> extends true ? ThreadFace<R> : Promise<Awaited<ThreadFace<Whole<R>>>>;

/**
 * A generic method's parameter becomes its constraint, and a result that depends on one a union of what it may be, such as a
 * statement with any parameters or with one. Where each of them can stand for the others, it takes what any of them takes.
 */
type Whole<R> = [Extract<R, object>] extends [never]
  ? R
  : [Extract<R, object>] extends [All<Extract<R, object>>]
    ? All<Extract<R, object>> | Exclude<R, object>
    : R;

type All<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer A) => void ? A : never;

export type ThreadArguments<A extends List> = { [I in keyof A]: ThreadArgument<A[I]> };

/** What a face's method takes where the method itself takes a P: a function as it is, for it is found there. */
type ThreadArgument<P> = unknown extends P
  ? P
  : P extends Primitive | AnyFunction | AnyClass | PromiseLike<unknown>
    ? P
    : P extends List
      ? { [I in keyof P]: ThreadArgument<P[I]> }
      : [keyof P] extends [never]
        ? P
        : Data<P> extends never
          ? P | ThreadFace<P>
          : P;
