// The types of a face: an async type as sync code sees it, and the way back. What crosses as it is, is decided here
// for types and in faceable.ts for values; test/types/face.ts and test/face/faceable.test.mjs hold both to one list.
import type { Overloads } from './overloads.js';

export type Primitive = string | number | bigint | boolean | symbol | null | undefined;
export type AnyFunction = (...args: never) => unknown;
export type AnyClass = abstract new (...args: never) => unknown;
export type List = readonly unknown[];

type PlatformData =
  | Date
  | RegExp
  | ArrayBuffer
  | SharedArrayBuffer
  | URL
  | URLSearchParams
  | AbortSignal
  | Headers;

/** True for one of U or a subclass that adds nothing, never for the rest. */
type Exactly<T, U> = U extends unknown ? (T extends U ? (U extends T ? true : never) : never) : never;

/** True for what crosses as it is, never for the rest. */
export type Data<T> = Exactly<T, PlatformData> extends never ? OtherData<T> : true;

type OtherData<T> = T extends ArrayBufferView
  ? true
  : T extends { name: string; message: string }
    ? // A class of the user's may have a name and a message as well; an Error has a stack.
      'stack' extends keyof T
      ? true
      : never
    : T extends ReadonlyMap<infer K, infer V>
      ? Exactly<T, Map<K, V> | ReadonlyMap<K, V>>
      : T extends ReadonlySet<infer V>
        ? Exactly<T, Set<V> | ReadonlySet<V>>
        : T extends WeakMap<infer K, infer V>
          ? Exactly<T, WeakMap<K, V>>
          : T extends WeakSet<infer V>
            ? Exactly<T, WeakSet<V>>
            : T extends WeakRef<infer V>
              ? Exactly<T, WeakRef<V>>
              : never;

/**
 * T as sync code sees it: what was a promise is its value, in properties, results and what callbacks are given, at any
 * depth; async iterables are iterables, async generators generators, and `Symbol.asyncDispose` is `Symbol.dispose`.
 * Parameters stay, and take the face as well where they take the object. Plain data stays what it is.
 *
 * What TypeScript loses: a generic method's type parameter becomes its constraint (`get<T>(): Promise<T>` gives
 * `unknown`; say what it is by `as`), a type predicate becomes `boolean`, of overloads the last 16 stay (of
 * a constructor, and of a callback that is a parameter, the last one). Callbacks in an object that is an argument are
 * typed by the face where all the functions in it are optional.
 *
 * @example
 * function report(db: SyncFace<Database>) {
 *   return db.query('select 1').rows;
 * }
 * @since 0.1.0
 */
export type SyncFace<T> = unknown extends T
  ? T
  : T extends Primitive
    ? T
    : T extends AnyClass
      ? FaceClass<T>
      : T extends AnyFunction
        ? FaceFunction<T>
        : T extends PromiseLike<infer V>
          ? SyncFace<V>
          : T extends List
            ? FaceList<T>
            : [keyof T] extends [never]
              ? T
              : Data<T> extends never
                ? FaceObject<T>
                : T;

type FaceList<T extends List> = { [I in keyof T]: SyncFace<T[I]> };

export type SyncMembers<T> = { [K in keyof T as FaceKey<T, K>]: FaceMember<T, K, SyncFace<T[K]>> };

/** The listener's type is lost where the emitter's methods are generic in the event; then it is any listener. */
type FaceMember<T, K, F> = K extends Listens
  ? T extends Emits
    ? [ListenerOf<F>] extends [never]
      ? Listen<T>
      : F
    : F
  : F;

type ListenerOf<F> = F extends (event: never, listener: infer L) => unknown ? L : unknown;

type Listens =
  | 'on'
  | 'once'
  | 'off'
  | 'addListener'
  | 'removeListener'
  | 'prependListener'
  | 'prependOnceListener';

/** An EventEmitter, by what no other class has together. */
interface Emits {
  on: AnyFunction;
  off: AnyFunction;
  emit: AnyFunction;
  listenerCount: AnyFunction;
}

/**
 * Its methods are generic in the event, which cannot be kept: any event, and a listener of whatever parameters it declares
 * (as a method's, they are not compared).
 */
type Listen<T> = (event: string | symbol, listener: { of(...args: unknown[]): void }['of']) => SyncFace<T>;

type FaceKey<T, K> = K extends typeof Symbol.asyncIterator
  ? typeof Symbol.iterator extends keyof T
    ? never
    : typeof Symbol.iterator
  : K extends typeof Symbol.asyncDispose
    ? typeof Symbol.dispose
    : K extends typeof Symbol.dispose
      ? typeof Symbol.asyncDispose extends keyof T
        ? never
        : K
      : K;

// The bare interfaces of the language become their sync twins; whatever has members of its own keeps them.
type FaceObject<T> =
  T extends AsyncIterator<infer Y, infer R, infer N>
    ? AsyncGenerator<Y, R, N> extends T
      ? T extends AsyncIterable<unknown>
        ? Generator<SyncFace<Y>, SyncFace<R>, Argument<N>>
        : Iterator<SyncFace<Y>, SyncFace<R>, Argument<N>>
      : SyncMembers<T>
    : T extends AsyncIterable<infer Y>
      ? AsyncIterable<Y> extends T
        ? Iterable<SyncFace<Y>>
        : SyncMembers<T>
      : SyncMembers<T>;

type FaceClass<T extends AnyClass> = (T extends abstract new (
  ...args: infer A
) => infer I
  ? new (
      ...args: Arguments<A>
    ) => SyncFace<I>
  : never) &
  SyncMembers<T>;

type FaceFunction<T extends AnyFunction> = [keyof T] extends [never]
  ? FaceCalls<Overloads<T>, ThisParameterType<T>>
  : FaceCalls<Overloads<T>, ThisParameterType<T>> & SyncMembers<T>;

type FaceCalls<L, S> = L extends [[infer A extends List, infer R], ...infer Rest]
  ? Rest extends []
    ? FaceCall<S, A, R>
    : FaceCall<S, A, R> & FaceCalls<Rest, S>
  : never;

type FaceCall<S, A extends List, R> = unknown extends S
  ? (...args: Arguments<A>) => SyncFace<R>
  : (this: SyncFace<S>, ...args: Arguments<A>) => SyncFace<R>;

export type Arguments<A extends List> = { [I in keyof A]: Argument<A[I]> };

/** What a face's method takes where the method itself takes a P. */
type Argument<P> = unknown extends P
  ? P
  : P extends Primitive
    ? P
    : P extends AnyClass
      ? P | SyncFace<P>
      : P extends AnyFunction
        ? Callback<P>
        : P extends PromiseLike<unknown>
          ? P
          : P extends List
            ? { [I in keyof P]: Argument<P[I]> }
            : [keyof P] extends [never]
              ? P
              : Data<P> extends never
                ? ArgumentObject<P>
                : P;

// Options with callbacks would lose the types of their callbacks' parameters to a union; an object with methods is
// mostly an instance, whose class may have private members, so that only a union takes both it and its face.
type ArgumentObject<P> = Methods<P> extends never ? { [K in keyof P]: Argument<P[K]> } : P | SyncFace<P>;

export type Methods<P> = { [K in keyof P]-?: P[K] extends AnyFunction ? K : never }[keyof P];

type Callback<P> = P extends (this: infer S, ...args: infer A) => infer R
  ? unknown extends S
    ? (...args: FaceList<A>) => Answer<R>
    : (this: SyncFace<S>, ...args: FaceList<A>) => Answer<R>
  : never;

type Answer<R> = unknown extends R
  ? R
  : R extends PromiseLike<unknown>
    ? Argument<Awaited<R>> | Promise<Argument<Awaited<R>>>
    : Argument<R>;

/**
 * T as async code would offer it, the inverse of {@link SyncFace}: methods return promises, iterables are async
 * iterables, generators async generators, `Symbol.dispose` is `Symbol.asyncDispose`. Properties stay values.
 *
 * @example
 * class Remote implements AsyncFace<Database> { … }
 * @since 0.1.0
 */
export type AsyncFace<T> = unknown extends T
  ? T
  : T extends Primitive
    ? T
    : T extends AnyClass
      ? AsyncClass<T>
      : T extends AnyFunction
        ? AsyncFunction<T>
        : T extends PromiseLike<unknown>
          ? T
          : T extends List
            ? AsyncList<T>
            : [keyof T] extends [never]
              ? T
              : Data<T> extends never
                ? AsyncObject<T>
                : T;

type AsyncList<T extends List> = { [I in keyof T]: AsyncFace<T[I]> };

export type AsyncMembers<T> = { [K in keyof T as AsyncKey<T, K>]: AsyncFace<T[K]> };

export type AsyncKey<T, K> = K extends typeof Symbol.iterator
  ? typeof Symbol.asyncIterator extends keyof T
    ? never
    : typeof Symbol.asyncIterator
  : K extends typeof Symbol.dispose
    ? typeof Symbol.asyncDispose extends keyof T
      ? never
      : typeof Symbol.asyncDispose
    : K;

type AsyncObject<T> =
  T extends Iterator<infer Y, infer R, infer N>
    ? Generator<Y, R, N> extends T
      ? T extends Iterable<unknown>
        ? AsyncGenerator<AsyncFace<Y>, AsyncFace<R>, N>
        : AsyncIterator<AsyncFace<Y>, AsyncFace<R>, N>
      : AsyncMembers<T>
    : T extends Iterable<infer Y>
      ? Iterable<Y> extends T
        ? AsyncIterable<AsyncFace<Y>>
        : AsyncMembers<T>
      : AsyncMembers<T>;

type AsyncClass<T extends AnyClass> = (T extends abstract new (
  ...args: infer A
) => infer I
  ? new (
      ...args: AsyncArguments<A>
    ) => AsyncFace<I>
  : never) &
  AsyncMembers<T>;

type AsyncFunction<T extends AnyFunction> = [keyof T] extends [never]
  ? AsyncCalls<Overloads<T>, ThisParameterType<T>>
  : AsyncCalls<Overloads<T>, ThisParameterType<T>> & AsyncMembers<T>;

type AsyncCalls<L, S> = L extends [[infer A extends List, infer R], ...infer Rest]
  ? Rest extends []
    ? AsyncCall<S, A, R>
    : AsyncCall<S, A, R> & AsyncCalls<Rest, S>
  : never;

type AsyncCall<S, A extends List, R> = unknown extends S
  ? (...args: AsyncArguments<A>) => AsyncResult<R>
  : (this: AsyncFace<S>, ...args: AsyncArguments<A>) => AsyncResult<R>;

/** A bare iterator comes at once, and its values later; the rest is promised. */
type AsyncResult<R> = Bare<R> extends true ? AsyncFace<R> : Promise<Awaited<AsyncFace<R>>>;

export type Bare<R> = [R] extends [Iterator<infer Y, infer X, infer N>]
  ? Generator<Y, X, N> extends R
    ? true
    : false
  : [R] extends [Iterable<infer Y>]
    ? Iterable<Y> extends R
      ? true
      : false
    : false;

type AsyncArguments<A extends List> = { [I in keyof A]: AsyncArgument<A[I]> };

type AsyncArgument<P> = unknown extends P
  ? P
  : P extends AnyClass | Primitive
    ? P
    : P extends (...args: infer A) => infer R
      ? (...args: AsyncList<A>) => R | Promise<Awaited<R>>
      : P;
