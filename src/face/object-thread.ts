// The thread that objects live on, for good: a pool of one worker, and the faces that this thread has of what is there.
//
// Guarantees:
// - calls are made in the order in which they were asked for, one at a time;
// - when the thread has ended, all that lived there is gone: every later call says so, and no other thread takes its place;
// - it ends when nobody holds a face any more and no call is pending; it keeps no process alive by itself.
import type { Reference } from '../channel/marks.js';
import { InvalidArgumentError, QueueFullError, ReleasedError, ThreadDiedError } from '../errors.js';
import { isTraced, traced } from '../offload/trace.js';
import { Pool } from '../pool/pool.js';
import type { Residents } from '../pool/residents.js';
import { addressOf } from '../task/address.js';
import { Handles, type Registry } from '../thread/handles.js';
import { AsyncHandle } from './async-handle.js';
import { type Caller, type CallOptions, DISPOSE, type Operation, RELEASE } from './caller.js';
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
    if (this.#ended !== undefined || (face !== undefined && this.#handles.wasReleased(face))) {
      throw new ReleasedError(what);
    }
    if (this.#died !== undefined) throw this.#gone(what);
    // One is at work.
    if (this.#pending > this.#queue && operation !== DISPOSE) throw new QueueFullError(what, this.#queue);
    this.#pending++;
    try {
      const fn = this.#pool.define(operation);
      const { own } = operation;
      const task = { ...options, grace: options.grace ?? false, own };
      if (!isTraced()) return await this.#pool.run(fn, what, args, task);
      return await traced(what, (trace) => this.#pool.run(fn, what, args, { ...task, trace }));
    } finally {
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

  /** Takes no more calls; the thread ends when those that there are have ended. */
  end(): Promise<void> {
    this.#ended ??= this.#pool.close();
    return this.#ended;
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
      (task) => this.#pool.awaits(task, false),
    );
    forgotten.catch(() => {});
  }

  /** Nobody can ask anything of it any more. */
  #rest(): void {
    if (this.#handles.size === 0 && this.#pending === 0) void this.end();
  }

  // What the pool asks ----------------------------------------------------------------------------------------------

  isFace(value: object): boolean {
    return faces.has(value);
  }

  keep(value: object, what: string): Reference | undefined {
    const known = faces.get(value);
    if (known === undefined) {
      if (typeof value !== 'function') return undefined;
      // It could not be called back from there: its value would be needed at once.
      const address = addressOf(value as never);
      return { kind: 'export', address, name: value.name, length: value.length };
    }
    if (known.handles !== this.#handles) {
      throw new InvalidArgumentError(
        `${what} was given a face whose object lives on another thread: only what lives on its own can be passed.`,
      );
    }
    if (this.#handles.wasReleased(handles.get(value)?.first ?? value)) throw new ReleasedError(what);
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
    return handle.proxy;
  }

  /** Another face of the same object, whose calls are made with these options. */
  view(handle: AsyncHandle, options: CallOptions): object {
    const view = this.#faceBy(handle.with(options));
    faces.set(view, { handles: this.#handles, id: handle.id });
    return view;
  }

  died(cause: { readonly error: unknown } | undefined): void {
    this.#died ??= { cause };
  }
}
