// The handles of this thread: what stands here for objects of the service thread.
//
// Guarantees:
// - one handle for an object, as long as this thread holds it;
// - when nobody holds it any more, the service thread is told, as often as it had sent it.
import type { Reference, Shape } from '../channel/marks.js';

type Sent = Extract<Reference, { kind: 'handle' }>;

interface Held {
  readonly handle: WeakRef<object>;
  /** That of the call which it came from, where it goes on as long as the handle is held; else 0. */
  readonly scope: number;
  times: number;
}

interface Known {
  readonly handles: Handles;
  readonly id: number;
}

/** Where each handle of a kind belongs, and its number there. */
export type Registry = WeakMap<object, Known>;

const known: Registry = new WeakMap();

/** Where a handle belongs, and its number there; undefined for what is none. */
export function knownHandle(value: object): Known | undefined {
  return known.get(value);
}

export function isHandle(value: object): boolean {
  return known.has(value);
}

/** Lets its object go at once; false for what is no handle. */
export function releaseHandle(value: object): boolean {
  const found = known.get(value);
  found?.handles.release(value);
  return found !== undefined;
}

export class Handles {
  readonly #byId = new Map<number, Held>();
  /** Not their numbers: an object that was let go may be sent again. */
  readonly #released = new WeakSet<object>();
  readonly #registry: FinalizationRegistry<number>;
  readonly #known: Registry;
  readonly #tell: (id: number, times: number, scope: number) => void;

  constructor(tell: (id: number, times: number, scope: number) => void, registry = known) {
    this.#tell = tell;
    this.#known = registry;
    this.#registry = new FinalizationRegistry((id) => {
      if (this.#byId.get(id)?.handle.deref() === undefined) this.#drop(id);
    });
  }

  make({ id, shape }: Sent, scope: number, create: (id: number, shape: Shape) => object): object {
    const held = this.#byId.get(id);
    const same = held?.handle.deref();
    if (held !== undefined && same !== undefined) {
      held.times++;
      return same;
    }
    const handle = create(id, shape);
    this.#byId.set(id, { handle: new WeakRef(handle), scope, times: (held?.times ?? 0) + 1 });
    this.#known.set(handle, { handles: this, id });
    this.#registry.register(handle, id);
    return handle;
  }

  #drop(id: number): void {
    const held = this.#byId.get(id);
    if (held === undefined) return;
    this.#byId.delete(id);
    this.#tell(id, held.times, held.scope);
  }

  /** At once, by name. */
  release(handle: object): void {
    if (this.#released.has(handle)) return;
    this.#released.add(handle);
    const found = this.#known.get(handle);
    if (found !== undefined) this.#drop(found.id);
  }

  wasReleased(handle: object): boolean {
    return this.#released.has(handle);
  }

  get size(): number {
    return this.#byId.size;
  }
}
