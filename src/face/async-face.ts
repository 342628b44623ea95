// `asyncFace`: an object of a blocking class is made on a thread of its own, and stays there.
import { isObject } from '../channel/faceable.js';
import { InvalidArgumentError } from '../errors.js';
import { checkOffload, type OffloadOptions } from '../offload/options.js';
import { checkNames, describe } from '../options.js';
import { type Address, addressOf, addressOfMaker, checkAddress } from '../task/address.js';
import { Answer } from './answer.js';
import { type AsyncHandle, refuseMethod } from './async-handle.js';
import { MAKE, RUN, SET } from './caller.js';
import { handleOf, ObjectThread } from './object-thread.js';
import type { ThreadArguments, ThreadFace, ThreadResult, ThreadValue } from './thread-types.js';

/** How the calls of an async face are made. */
export interface AsyncFaceOptions {
  /** Gives each call up, when it is aborted, with its reason; each step of an iteration is one. Disposing is not given up. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /**
   * ms for each call, or step of an iteration, or disposal, waiting and running together, after which it is rejected with a TimeoutError. An object
   * is disposed of all the same, when its turn comes. Default: none.
   */
  readonly timeout?: number | undefined;
  /** What is moved instead of copied, of the arguments of this making, or of the calls of this view. */
  readonly transfer?: OffloadOptions['transfer'];
  /** What the object is called in errors and events. Default: its class's name. */
  readonly name?: string | undefined;
  /**
   * ms that a call, or a disposal, may go on after it was given up; then its thread is ended, and the object is gone. false: never, the calls after
   * it wait. Of a making that was given up the thread is ended at once. Default: false.
   */
  readonly grace?: number | false | undefined;
  /** The most calls that may wait; one more is rejected with a QueueFullError. Default: any number. */
  readonly queue?: number | undefined;
}

/** Makes async faces. */
export interface AsyncFaces {
  <C extends abstract new (...args: never) => object>(
    target: C,
    ...args: ThreadArguments<ConstructorParameters<C>>
  ): Promise<ThreadFace<InstanceType<C>> & AsyncDisposable>;
  <A extends readonly unknown[], R>(
    target: (...args: A) => R,
    ...args: ThreadArguments<A>
  ): Promise<ThreadFace<Awaited<R>> & AsyncDisposable>;
  <T = unknown>(address: Address, ...args: unknown[]): Promise<ThreadFace<T> & AsyncDisposable>;
  /**
   * Runs an exported function on the thread of a face, with the object itself as its first argument, as one call: what
   * it does there in one go, nothing comes between.
   *
   * @throws What `fn` throws, and what the calls of a face throw.
   * @example
   * export function transfer(db, from, to, amount) { … }
   * await asyncFace.run(db, transfer, 'ada', 'bob', 10);
   * @since 0.1.0
   */
  run<T extends object, A extends readonly unknown[], R>(
    face: ThreadFace<T>,
    fn: (object: T, ...args: A) => R,
    ...args: ThreadArguments<A>
  ): ThreadResult<R>;
  /**
   * Sets a property of the object, which an assignment could not wait for. A value is given as the face would show it;
   * where a function is expected, an exported one.
   *
   * @throws What its setter throws, and what the calls of a face throw.
   * @example
   * await asyncFace.set(client, 'retries', 3);
   * @since 0.1.0
   */
  set<F extends object, K extends keyof F & string>(face: F, key: K, value: ThreadValue<F[K]>): Promise<void>;
}

export interface AsyncFacesWith extends AsyncFaces {
  /**
   * A face of the same object whose calls are made with these options; what they do not say is as it was when the object was made.
   * What these calls give has the same options, without `transfer`. Disposing of it is disposing of the object, for all its faces.
   *
   * @example
   * const rows = await asyncFace.with({ signal: request.signal }).on(db).all('select * from t');
   * @since 0.1.0
   */
  on<T extends object>(face: T): T;
}

export interface AsyncFaceMaker extends AsyncFaces {
  /**
   * The same with options for the making and for each call of the face: see {@link AsyncFaceOptions}.
   *
   * @throws InvalidArgumentError for what is no such option.
   * @example
   * const db = await asyncFace.with({ timeout: 1000 })(DatabaseSync, 'app.db');
   * @since 0.1.0
   */
  with(options: AsyncFaceOptions): AsyncFacesWith;
}

const OPTIONS = ['signal', 'timeout', 'transfer', 'name', 'grace', 'queue'] as const;

function check(options: AsyncFaceOptions): void {
  checkNames('asyncFace.with()', options, OPTIONS);
  const { queue, ...others } = options;
  checkOffload('asyncFace.with()', others);
  if (queue !== undefined && queue !== Number.POSITIVE_INFINITY && !(Number.isInteger(queue) && queue >= 0)) {
    throw new InvalidArgumentError(
      `asyncFace.with()'s queue is a whole number from 0 on, not ${describe(queue)}.`,
    );
  }
}

async function make(
  target: unknown,
  args: readonly unknown[],
  { name, queue, transfer, ...calls }: AsyncFaceOptions,
): Promise<unknown> {
  if (!isObject(target)) {
    throw new InvalidArgumentError(
      `asyncFace() takes an exported class or function, or its address like { module, name }, not ${describe(target)}.`,
    );
  }
  if (handleOf(target) !== undefined) {
    throw new InvalidArgumentError('asyncFace() takes a class, and this is a face that it has made already.');
  }
  refuseMethod(target);
  const address = typeof target === 'function' ? addressOfMaker(target as never) : checkAddress(target);
  const called = name ?? (typeof target === 'function' && target.name !== '' ? target.name : address.name);
  const thread = new ObjectThread(calls, name, queue);
  try {
    return await thread.call(MAKE, `asyncFace(${called})`, [address, ...args], { ...calls, transfer });
  } catch (error) {
    // Nobody has a face, so nobody waits for what it may still do.
    thread.kill();
    throw error;
  }
}

function handle(call: string, face: unknown): AsyncHandle {
  const found = isObject(face) ? handleOf(face) : undefined;
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`${call} takes a face that asyncFace() has made, not ${describe(face)}.`);
}

function run(face: unknown, fn: unknown, ...args: unknown[]): unknown {
  try {
    const of = handle('asyncFace.run()', face);
    if (isObject(fn)) refuseMethod(fn);
    const address = typeof fn === 'function' ? addressOf(fn as never) : checkAddress(fn);
    return of.call(RUN, `.run(${address.name})`, [address, of.id, ...args]);
  } catch (error) {
    return Answer.of(Promise.reject(error));
  }
}

async function set(face: unknown, key: unknown, value: unknown): Promise<void> {
  const of = handle('asyncFace.set()', face);
  if (typeof key !== 'string') {
    throw new InvalidArgumentError(`asyncFace.set() takes the name of a property, not ${describe(key)}.`);
  }
  const isSet = await of.call(SET, `.${key}`, [of.id, key, value]);
  if (isSet !== true) throw new TypeError(`${of.what}.${key} cannot be set`);
}

/** A view of a face's object. */
function on(face: unknown, options: AsyncFaceOptions): object {
  const { name, queue, ...calls } = options;
  if (name !== undefined || queue !== undefined) {
    throw new InvalidArgumentError(
      'asyncFace.with().on() takes no name and no queue: they are given when the object is made.',
    );
  }
  return handle('asyncFace.with().on()', face).view(calls);
}

function faces(options: AsyncFaceOptions): AsyncFaces {
  const maker = (target: unknown, ...args: unknown[]) => make(target, args, options);
  return Object.assign(maker, { run, set }) as unknown as AsyncFaces;
}

/**
 * Makes an object of a blocking class on a thread of its own, where it stays, and gives its async face: each use of it
 * is a call there, in order, and gives a promise; this thread's event loop goes on. What it gives that has methods stays
 * there too, and is a face here; iterators are async iterators. A face among the arguments is the object itself there, and
 * an exported function is that module's function there.
 *
 * @param target An exported class or function, itself or its address, `{ module, name }`.
 * @throws What making it throws, and what `toThread` throws; ThreadDiedError and ReleasedError by the face's members, when
 * the thread has ended or the object was disposed of: all of them as rejections.
 * @example
 * await using db = await asyncFace(DatabaseSync, 'app.db');
 * await db.exec('create table if not exists t (name text)');
 * const statement = await db.prepare('select * from t');
 * for await (const row of statement.iterate()) console.log(row.name);
 * @since 0.1.0
 */
export const asyncFace: AsyncFaceMaker = Object.assign(faces({}), {
  with: (options: AsyncFaceOptions) => {
    check(options);
    return Object.assign(faces(options), {
      on: ((face: unknown) => on(face, options)) as AsyncFacesWith['on'],
    });
  },
});
