// Functions of this thread that objects of the service thread hold for longer than a call: listeners.
import type { Reference } from '../channel/marks.js';
import type { AnyFunction } from '../channel/scope.js';

interface Held {
  readonly fn: AnyFunction;
  times: number;
}

export class Listeners {
  readonly #byId = new Map<number, Held>();
  readonly #ids = new WeakMap<AnyFunction, number>();
  #next = 1;

  keep(fn: AnyFunction): Reference {
    let id = this.#ids.get(fn);
    let held = id === undefined ? undefined : this.#byId.get(id);
    if (id === undefined || held === undefined) {
      id = this.#next++;
      held = { fn, times: 0 };
      this.#ids.set(fn, id);
      this.#byId.set(id, held);
    }
    held.times++;
    return { kind: 'function', id, scope: 0, name: fn.name, faces: true };
  }

  get(id: number): AnyFunction | undefined {
    return this.#byId.get(id)?.fn;
  }

  /** The other side has got it so often and holds it no more: let it go, unless it was sent again meanwhile. */
  forget(id: number, times: number): void {
    if (this.#byId.get(id)?.times === times) this.#byId.delete(id);
  }
}
