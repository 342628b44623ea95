// The thread that objects live on, for good: a pool of one worker, and the faces that this thread has of what is there.
//
// Guarantees:
// - calls are made in the order in which they were asked for, one at a time; its end comes after them, and after each step of
//   an iteration that was asked for before it;
// - when the thread has ended, all that lived there is gone: every later call says so, and no other thread takes its place;
// - it ends when nobody holds a face any more and no call is pending; it keeps no process alive by itself, and neither does a
//   call that was given up;
// - whoever waits for its end waits no longer than it wants to; with a grace, it then ends whatever it does.
import { isObject } from '../channel/faceable.js';
import type { Reference } from '../channel/marks.js';
import { isPlain } from '../channel/pack.js';
import { callerStack, restack } from '../channel/stacks.js';
import { nameFace, pathOf } from '../channel/uncloneable.js';
import {
  InvalidArgumentError,
  QueueFullError,
  ReleasedError,
  ThreadDiedError,
  TimeoutError,
} from '../errors.js';
import { isTraced, traced } from '../offload/trace.js';
import { Pool } from '../pool/pool.js';
import type { Residents } from '../pool/residents.js';
import type { Task } from '../pool/task.js';
import { addressOf } from '../task/address.js';
import { Handles, type Registry } from '../thread/handles.js';
import { startTimer } from '../timer.js';
import { Answer } from './answer.js';
import { AsyncHandle, refuseMethod } from './async-handle.js';
import { type Caller, type CallOptions, type Operation, RELEASE } from './caller.js';
import { Pulled } from './pulled.js';

/** Every face, of whichever thread. */
const faces: Registry = new WeakMap();
/** What stands behind a face that is no iterator. */
const handles = new WeakMap<object, AsyncHandle>();

/** What stands behind a face; undefined for what is none. */
export function handleOf(face: object): AsyncHandle | undefined {
  return handles.get(face);
}

export class ObjectThread implements Residents, Caller {
  /** Those of the faces, unless a view of one has others. */
  readonly options: CallOptions;
  readonly #pool: Pool;
  readonly #name: string | undefined;
  readonly #queue: number;
  readonly #handles = new Handles((id, times) => this.#forget(id, times), faces);
  #pending = 0;
  #hasFirst = false;
  #died: { readonly cause: { readonly error: unknown } | undefined } | undefined;
  #ended: Promise<void> | undefined;
  /** The last one is just being made: whoever waits for the end keeps the process alive, as long as it waits. */
  #isEnding = false;
  /** Not even steps are taken any more. */
  #isClosed = false;
  /** Those that are not over. */
  readonly #steps = new Set<Promise<unknown>>();

  /** `name` is what the first object is called in messages. */
  constructor(options: CallOptions, name: string | undefined, queue = Number.POSITIVE_INFINITY) {
    this.options = options;
    this.#name = name;
    this.#queue = queue;
    this.#pool = new Pool({ size: 1, minimum: 1 }, this);
  }

  /** `face` is whose call it is, where its object may have been let go. */
  async call(
    operation: Operation,
    what: string,
    args: readonly unknown[],
    options: CallOptions,
    face?: object,
  ): Promise<unknown> {
    const isOver = operation.kind === 'call' ? this.#ended !== undefined : this.#isClosed;
    if (isOver || (face !== undefined && this.#handles.wasReleased(face))) throw new ReleasedError(what);
    if (this.#died !== undefined) throw this.#gone(what);
    // One is at work.
    if (this.#pending > this.#queue && operation.kind !== 'end') {
      throw new QueueFullError(
        what,
        this.#queue,
        'calls wait already, which is the most that the queue of its face',
      );
    }
    // Refused when it is sent, which may be later than it is rejected.
    for (const arg of args) if (arg instanceof Answer) arg.catch(() => {});
    this.#pending++;
    let task: Task | undefined;
    const run = (trace?: object): Promise<unknown> => {
      const how = { ...options, grace: options.grace ?? false, own: operation.own, trace };
      return this.#pool.run(this.#pool.define(operation), what, args, how, undefined, undefined, {
        began: (pool, made) => {
          task = made;
          if (this.#isEnding) pool.awaits(made, false);
        },
      });
    };
    try {
      return await (isTraced() ? traced(what, run) : run());
    } finally {
      // One that was given up may go on.
      if (task !== undefined) this.#pool.awaits(task, false);
      this.#pending--;
      this.#rest();
    }
  }

  #gone(what: string): ThreadDiedError {
    const cause = this.#died?.cause;
    return new ThreadDiedError(
      what,
      'its object was there; make a new face',
      cause && { cause: cause.error },
      'had ended already',
    );
  }

  wasReleased(face: object): boolean {
    return this.#handles.wasReleased(face);
  }

  /** Lets the object of a face go. */
  release(face: object): void {
    this.#handles.release(face);
  }

  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  hold(step: Promise<unknown>): void {
    this.#steps.add(step);
    const over = (): void => {
      this.#steps.delete(step);
    };
    step.then(over, over);
  }

  async end(what: string, { timeout, grace }: CallOptions, last: () => Promise<unknown>): Promise<void> {
    const caller = callerStack();
    const ended = this.#close(last);
    // Whoever waits keeps the process alive.
    const anchor = setInterval(() => {}, 0x7fffffff);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      if (timeout === undefined) return;
      timer = startTimer(() => {
        if (typeof grace === 'number') startTimer(() => this.kill(), grace)?.unref();
        const error = new TimeoutError(what, timeout);
        restack(error, caller);
        reject(error);
      }, timeout);
    });
    try {
      await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
      clearInterval(anchor);
    }
  }

  /** Ends the thread at once, whatever it does. */
  kill(): void {
    this.#pool.kill();
  }

  /** Takes no more calls; the thread ends when those that there are have ended, and `last` has. */
  #close(last: () => Promise<unknown>): Promise<void> {
    this.#ended ??= this.#closeAfter(last);
    return this.#ended;
  }

  async #closeAfter(last: () => Promise<unknown>): Promise<void> {
    if (this.#steps.size > 0) await Promise.allSettled(this.#steps);
    this.#isEnding = true;
    const done = last();
    this.#isClosed = true;
    await done;
    await this.#pool.close();
  }

  #forget(id: number, times: number): void {
    this.#rest();
    if (this.#ended !== undefined) return;
    const { own } = RELEASE;
    const forgotten = this.#pool.run(
      this.#pool.define(RELEASE),
      'release',
      [id, times],
      { own },
      undefined,
      undefined,
      { began: (pool, task) => pool.awaits(task, false) },
    );
    forgotten.catch(() => {});
  }

  /** Nobody can ask anything of it any more. */
  #rest(): void {
    if (this.#handles.size === 0 && this.#pending === 0) void this.#close(async () => {});
  }

  // What the pool asks ----------------------------------------------------------------------------------------------

  isFace(value: object): boolean {
    return faces.has(value);
  }

  keep(value: object, task: Task): Reference | undefined {
    const known = faces.get(value);
    if (known === undefined) {
      if (typeof value !== 'function') return undefined;
      refuseMethod(value);
      // It could not be called back from there: its value would be needed at once.
      const address = addressOf(value as never);
      return { kind: 'export', address, name: value.name, length: value.length };
    }
    if (known.handles !== this.#handles) {
      throw new InvalidArgumentError(
        `${task.what} was given a face whose object lives on another thread: only what lives on its own can be passed.`,
      );
    }
    if (this.#handles.wasReleased(handles.get(value)?.first ?? value)) {
      const path = pathOf(value, task.args.slice(task.options?.own ?? 0), 'args') ?? 'a face';
      throw new ReleasedError(`${path} of ${task.what}`);
    }
    return { kind: 'home', id: known.id };
  }

  make(reference: Reference): unknown {
    if (reference.kind !== 'handle') return undefined;
    return this.#handles.make(reference, 0, (id, shape) => {
      const isFirst = !this.#hasFirst;
      this.#hasFirst = true;
      const name = (isFirst && this.#name) || shape.name || 'the object';
      if (shape.of === 'iterator') return new Pulled(this, id, name, this.options);
      return this.#faceBy(new AsyncHandle(this, id, name, shape, isFirst, this.options));
    });
  }

  #faceBy(handle: AsyncHandle): object {
    handles.set(handle.proxy, handle);
    nameFace(handle.proxy, handle.what);
    return handle.proxy;
  }

  /** Another face of the same object, whose calls are made with these options. */
  view(handle: AsyncHandle, options: CallOptions): object {
    const view = this.#faceBy(handle.with(options));
    faces.set(view, { handles: this.#handles, id: handle.id });
    return view;
  }

  seen(given: unknown, options: CallOptions): unknown {
    return seenWith(given, options, options === this.options ? undefined : new Set());
  }

  died(cause: { readonly error: unknown } | undefined): void {
    this.#died ??= { cause };
  }
}

/** `done` is undefined where the faces are as they have come. What holds them has just come, so it is changed in its place. */
function seenWith(value: unknown, options: CallOptions, done: Set<object> | undefined): unknown {
  if (value instanceof Pulled) value.options = options;
  if (done === undefined || !isObject(value) || value instanceof Pulled) return value;
  const handle = handles.get(value);
  if (handle !== undefined) return handle.seenWith(options);
  if (done.has(value)) return value;
  done.add(value);
  const seen = (item: unknown): unknown => seenWith(item, options, done);
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      value[i] = seen(item);
    });
  } else if (value instanceof Map) {
    for (const [key, item] of value) value.set(key, seen(item));
  } else if (value instanceof Set) {
    const items = [...value];
    value.clear();
    for (const item of items) value.add(seen(item));
  } else if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      const changed = seen(item);
      if (changed !== item) Object.defineProperty(value, key, { value: changed });
    }
  }
  return value;
}
