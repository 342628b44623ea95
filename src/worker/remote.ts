// What stands in a pool's worker for what stays with the caller of a task: its functions, signals and sources. All of them
// answer by a promise, for the caller does not wait.
import { Errand, type ToPool } from '../channel/errands.js';
import type { Incoming, Outgoing, Packed, Reference } from '../channel/marks.js';
import { sendPacked } from '../channel/parcel.js';
import type { Aborted } from '../channel/protocol.js';
import { unpack } from '../channel/unpack.js';
import { CallOverError } from '../errors.js';
import type { Residence } from './residence.js';
import { iterableBy, type Method } from './source.js';

type Of<K extends Reference['kind']> = Extract<Reference, { kind: K }>;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Remote implements Incoming {
  readonly classAt: Residence['classAt'];
  readonly #residence: Residence;
  readonly #post: (message: ToPool, moved?: readonly unknown[]) => void;
  readonly #isRunning: (task: number) => boolean;
  readonly #outgoing: Outgoing | undefined;
  readonly #signals = new Map<string, AbortController>();
  readonly #pending = new Map<number, Pending>();
  #requests = 0;

  constructor(
    post: (message: ToPool, moved?: readonly unknown[]) => void,
    isRunning: (task: number) => boolean,
    residence: Residence,
    outgoing?: Outgoing,
  ) {
    this.#post = post;
    this.#isRunning = isRunning;
    this.#residence = residence;
    this.classAt = residence.classAt;
    this.#outgoing = outgoing;
  }

  make(reference: Reference): unknown {
    switch (reference.kind) {
      case 'function':
        return this.#function(reference);
      case 'signal':
        return this.#signal(reference);
      case 'source':
        return this.#source(reference);
      case 'home':
        return this.#residence.object(reference.id);
      case 'export':
        return this.#residence.exported(reference);
      default:
        return undefined;
    }
  }

  #function({ id, scope, name }: Of<'function'>): (...args: unknown[]) => Promise<unknown> {
    const stub = (...args: unknown[]): Promise<unknown> =>
      this.#request(scope, args, (request, packed) => [Errand.callback, request, scope, id, packed]);
    Object.defineProperty(stub, 'name', { value: name, configurable: true });
    return stub;
  }

  #request(
    task: number,
    args: unknown[],
    message: (request: number, args: Packed) => ToPool,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#isRunning(task)) throw new CallOverError();
      const request = ++this.#requests;
      sendPacked(args, 'args', this.#outgoing, (packed, moved) =>
        this.#post(message(request, packed), moved),
      );
      this.#pending.set(request, { resolve, reject });
    });
  }

  /** Sends a call of the host's function; its reply is waited for by the thread itself. */
  ask(task: number, call: readonly unknown[]): number {
    const request = ++this.#requests;
    sendPacked(call, 'args', this.#outgoing, (packed, moved) =>
      this.#post([Errand.ask, request, task, packed], moved),
    );
    return request;
  }

  /** What became of a request. */
  replied(request: number, ok: boolean, packed: Packed): void {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    const value = unpack(packed, this);
    if (ok) pending?.resolve(value);
    else pending?.reject(value);
  }

  /** Is the caller to be heard of? */
  get waits(): boolean {
    return this.#pending.size > 0;
  }

  #signal({ id, scope, aborted, reason }: Of<'signal'>): AbortSignal {
    if (aborted) return AbortSignal.abort(reason);
    const key = `${scope} ${id}`;
    const controller = this.#signals.get(key) ?? new AbortController();
    this.#signals.set(key, controller);
    return controller.signal;
  }

  /** Signals of a caller's were aborted. */
  abort(packed: Packed): void {
    const [scope, ...signals] = unpack(packed, this) as Aborted;
    for (const [id, reason] of signals) {
      const key = `${scope} ${id}`;
      const controller = this.#signals.get(key) ?? new AbortController();
      // Its task may come later than this.
      this.#signals.set(key, controller);
      controller.abort(reason);
    }
  }

  #source({ id, scope }: Of<'source'>): AsyncIterable<unknown> {
    const step = async (method: Method, args: unknown[]): Promise<IteratorResult<unknown>> => {
      const given = this.#request(scope, args, (request, packed) => [
        Errand.step,
        request,
        scope,
        id,
        method,
        packed,
      ]);
      const [done, value] = (await given) as [boolean, unknown];
      return { done, value };
    };
    return iterableBy(step);
  }

  /** Has it signals that may still be aborted? */
  get listens(): boolean {
    for (const { signal } of this.#signals.values()) if (!signal.aborted) return true;
    return false;
  }

  /** The task is over. */
  end(task: number): void {
    if (this.#signals.size === 0) return;
    for (const key of this.#signals.keys()) if (key.startsWith(`${task} `)) this.#signals.delete(key);
  }
}
