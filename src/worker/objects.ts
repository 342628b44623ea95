// The objects of this thread that its caller has handles of.
//
// Guarantees:
// - one number for an object, as long as the caller holds it;
// - an object is let go when the caller has released it as often as it was sent: a release that crosses with a new
//   sending lets nothing go.
import { isClass } from '../channel/faceable.js';
import type { Reference, Shape } from '../channel/marks.js';
import { ReleasedError } from '../errors.js';

interface Held {
  readonly value: object;
  readonly shape: Shape;
  times: number;
}

type Members = Record<PropertyKey, unknown>;

const shapes = new WeakMap<object, Shape>();

function methodsOf(value: object): string[] {
  const found = new Set<string>();
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
    if (at === Object.prototype || at === Function.prototype) break;
    for (const [key, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (key !== 'constructor' && typeof member === 'function') found.add(key);
    }
  }
  return [...found];
}

/** `from` is whose methods it has. */
function look(value: object, from: object): Shape {
  const members = value as Members;
  const iterates = Symbol.asyncIterator in value || (typeof value === 'object' && Symbol.iterator in value);
  const kind =
    typeof value === 'function'
      ? isClass(value as never)
        ? 'class'
        : 'function'
      : iterates && typeof members['next'] === 'function'
        ? 'iterator'
        : 'object';
  const named: unknown = typeof value === 'function' ? value.name : value.constructor?.name;
  return {
    of: kind,
    name: typeof named === 'string' ? named : '',
    methods: kind === 'iterator' ? [] : methodsOf(from),
    iterates,
  };
}

/** Not an instance of a class, but made by itself. */
function isOwn(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof value === 'function' || prototype === null || prototype === Object.prototype;
}

/** Has it methods that it was given itself? */
export function hasOwnMethods(value: object): boolean {
  return Object.values(Object.getOwnPropertyDescriptors(value)).some(
    ({ value: member }) => typeof member === 'function',
  );
}

/** Instances of one class have one shape; what has members of its own is looked at by itself. */
function shapeOf(value: object, ownToo: boolean): Shape {
  if (isOwn(value) || (ownToo && hasOwnMethods(value))) return look(value, value);
  const prototype = Object.getPrototypeOf(value) as object;
  let shape = shapes.get(prototype);
  if (shape === undefined) {
    shape = look(value, prototype);
    shapes.set(prototype, shape);
  }
  return shape;
}

export class Objects {
  readonly #held = new Map<number, Held>();
  readonly #numbers = new WeakMap<object, number>();
  readonly #ownToo: boolean;
  #next = 1;

  /** `ownToo`: an instance's own functions are methods as well, for its face cannot ask when it is read. */
  constructor(ownToo = false) {
    this.#ownToo = ownToo;
  }

  keep(value: object): Reference {
    let id = this.#numbers.get(value);
    let held = id === undefined ? undefined : this.#held.get(id);
    if (id === undefined || held === undefined) {
      id = this.#next++;
      held = { value, shape: shapeOf(value, this.#ownToo), times: 0 };
      this.#numbers.set(value, id);
      this.#held.set(id, held);
    }
    held.times++;
    return { kind: 'handle', id, shape: held.shape };
  }

  get(id: number): object {
    const held = this.#held.get(id);
    if (held === undefined) throw new ReleasedError('The object behind this face');
    return held.value;
  }

  release(id: number, times: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.times -= times;
    if (held.times > 0) return;
    this.#held.delete(id);
    if (held.shape.of === 'iterator') abandon(held.value as Partial<AsyncIterator<unknown>>);
  }

  get size(): number {
    return this.#held.size;
  }
}

/** Nobody will ask for more, so what the source has open is closed. */
function abandon(iterator: Partial<AsyncIterator<unknown>>): void {
  const ignore = (): void => {};
  try {
    Promise.resolve(iterator.return?.()).then(ignore, ignore);
  } catch {
    // There is nobody to tell.
  }
}
