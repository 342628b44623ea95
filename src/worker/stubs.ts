// What stands here for the caller's functions, signals and sources.
//
// Guarantees:
// - a function is called while its caller sleeps in a call of its scope, and this thread waits for it; afterwards it
//   throws. A listener is told by the port instead, and gives nothing;
// - a source's steps are not waited for by the thread: its event loop goes on;
// - a listener that nobody here holds any more is forgotten there.
import { type Link, STEP_ARGS } from '../channel/link.js';
import type { Incoming, Outgoing, Reference } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { type Aborted, Kind, type Stepped } from '../channel/protocol.js';
import type { Words } from '../channel/words.js';
import { CallOverError } from '../errors.js';
import type { Objects } from './objects.js';
import { iterableBy, type Method } from './source.js';

type Of<K extends Reference['kind']> = Extract<Reference, { kind: K }>;
type Stub = (...args: unknown[]) => unknown;
type Post = (message: readonly unknown[], moved?: readonly unknown[]) => void;

interface Pending {
  readonly scope: number;
  readonly resolve: (result: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** What the caller's things do by way of this thread's channel. */
export interface Wire {
  readonly words: Words;
  readonly link: () => Link;
  readonly post: Post;
  /** Sends a callback of a call and waits for what comes of it. */
  callBack(call: number, fn: number, args: unknown[], outgoing: Outgoing | undefined): unknown;
  /** The same for a listener: nobody waits for its value. */
  tell(call: number, listener: number, args: unknown[]): void;
  /** What results are sent with that may hold objects of this thread. */
  readonly facing: Outgoing;
}

/** The call of this scope that the caller sleeps in; 0 where it sleeps in none. */
function callOf(words: Words, scope: number): number {
  if (words.inner !== 0 && words.innerScope === scope) return words.inner;
  return words.scope === scope ? words.call : 0;
}

export class Stubs implements Incoming {
  readonly #wire: Wire;
  readonly #objects: Objects;
  readonly #signals = new Map<string, AbortController>();
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<number, { readonly stub: WeakRef<Stub>; times: number }>();
  readonly #registry: FinalizationRegistry<number>;
  /** Steps that found the box full. */
  readonly #unsent: unknown[][] = [];
  #steps = 0;

  constructor(
    wire: Wire,
    objects: Objects,
    readonly classAt: NonNullable<Incoming['classAt']>,
  ) {
    this.#wire = wire;
    this.#objects = objects;
    this.#registry = new FinalizationRegistry((id) => {
      const listener = this.#listeners.get(id);
      if (listener === undefined || listener.stub.deref() !== undefined) return;
      this.#listeners.delete(id);
      wire.post([Kind.forget, id, listener.times]);
    });
  }

  make(reference: Reference): unknown {
    switch (reference.kind) {
      case 'function':
        return reference.scope === 0 ? this.#listener(reference) : this.#function(reference);
      case 'signal':
        return this.#signal(reference);
      case 'source':
        return this.#source(reference);
      case 'home':
        return this.#objects.get(reference.id);
      default:
        return undefined;
    }
  }

  #function({ id, scope, name, faces }: Of<'function'>): Stub {
    const { words, facing } = this.#wire;
    const stub: Stub = (...args) => {
      const call = callOf(words, scope);
      if (call === 0) throw new CallOverError();
      return this.#wire.callBack(call, id, args, faces ? facing : undefined);
    };
    return Object.defineProperty(stub, 'name', { value: name, configurable: true });
  }

  #listener({ id, name }: Of<'function'>): Stub {
    const known = this.#listeners.get(id);
    const same = known?.stub.deref();
    if (known !== undefined && same !== undefined) {
      known.times++;
      return same;
    }
    const { words, facing, post } = this.#wire;
    const stub: Stub = (...args) => {
      // A listener is told from a function of the call by its sign.
      const { call } = words;
      if (call !== 0) return this.#wire.tell(call, id, args);
      const ready = pack(args, facing);
      post([Kind.event, id, packedOf(ready)], ready.moved);
      return undefined;
    };
    Object.defineProperty(stub, 'name', { value: name, configurable: true });
    this.#listeners.set(id, { stub: new WeakRef(stub), times: (known?.times ?? 0) + 1 });
    this.#registry.register(stub, id);
    return stub;
  }

  #signal({ id, scope, aborted, reason }: Of<'signal'>): AbortSignal {
    if (aborted) return AbortSignal.abort(reason);
    const controller = new AbortController();
    this.#signals.set(`${scope} ${id}`, controller);
    return controller.signal;
  }

  /** Signals of the caller's were aborted. */
  abort(aborted: unknown): void {
    if (aborted === undefined) return;
    const [scope, ...signals] = aborted as Aborted;
    for (const [id, reason] of signals) this.#signals.get(`${scope} ${id}`)?.abort(reason);
  }

  #source({ id, scope }: Of<'source'>): AsyncIterable<unknown> {
    const step = (method: Method, args: unknown[]): Promise<IteratorResult<unknown>> =>
      new Promise((resolve, reject) => {
        const { words } = this.#wire;
        const call = callOf(words, scope);
        if (call === 0) throw new CallOverError();
        const number = ++this.#steps;
        this.#pending.set(number, { scope, resolve, reject });
        this.#unsent.push([Kind.step, call, number, id, method, ...args]);
        this.sendSteps();
      });
    return iterableBy(step);
  }

  /** Sends the steps that wait, one at a time: a message that is not read yet would be lost. */
  sendSteps(): void {
    const { words } = this.#wire;
    while (this.#unsent.length > 0 && !words.up.full()) {
      const message = this.#unsent.shift() as unknown[];
      const [, call, number] = message as [number, number, number];
      try {
        while (words.waitsFor(call) && !this.#wire.link().send(message, STEP_ARGS));
      } catch (error) {
        this.#pending.get(number)?.reject(error);
        this.#pending.delete(number);
      }
    }
  }

  /** A step has been taken. */
  stepped([, number, ok, value, aborted]: Stepped): void {
    this.abort(aborted);
    const pending = this.#pending.get(number);
    this.#pending.delete(number);
    this.sendSteps();
    if (!ok) pending?.reject(value);
    else {
      const [done, item] = value as [boolean, unknown];
      pending?.resolve({ done, value: item } as IteratorResult<unknown>);
    }
  }

  /** Is a step on its way? Then the caller will still be heard of. */
  get waits(): boolean {
    return this.#pending.size > 0;
  }

  /** The caller does not sleep in this scope any more. */
  end(scope: number): void {
    for (const key of this.#signals.keys()) if (key.startsWith(`${scope} `)) this.#signals.delete(key);
    for (const [number, pending] of this.#pending) {
      if (pending.scope !== scope) continue;
      this.#pending.delete(number);
      pending.reject(new CallOverError());
    }
  }
}
