// What comes and goes, in the order in which it came.
//
// Not a Set or a Map, whose order is the same: V8 makes a new table for one again and again as its elements come and go, and the old
// table points to the new one. The first that has come into the old generation keeps all that come after it, and what was in them,
// until the next full collection: a scavenge of a server in a flood took 12 ms in place of 1. See decisions/0014.

/** One that has come, until it leaves. */
export class Link<T> {
  readonly value: T;
  #ring: Ring<T> | undefined;
  before: Link<T>;
  after: Link<T>;

  /** Without a ring it is the end of one. */
  constructor(value: T, ring?: Ring<T>, end?: Link<T>) {
    this.value = value;
    this.#ring = ring;
    this.after = end ?? this;
    this.before = end?.before ?? this;
    this.before.after = this;
    this.after.before = this;
  }

  /** Does nothing the second time. */
  leave(): void {
    if (this.#ring === undefined) return;
    this.#ring.size--;
    this.#ring = undefined;
    this.before.after = this.after;
    this.after.before = this.before;
    // It must not lead to those that stay.
    this.before = this;
    this.after = this;
  }
}

export class Ring<T> {
  readonly #end = new Link<T>(undefined as T);
  /** How many there are; links count. */
  size = 0;

  add(value: T): Link<T> {
    this.size++;
    return new Link(value, this, this.#end);
  }

  get oldest(): T | undefined {
    return this.#end.after.value;
  }

  /** Those that are there now, whoever leaves meanwhile. */
  all(): T[] {
    return this.first(this.size, () => true);
  }

  /** The first so many of those that `is` says yes to. */
  first(count: number, is: (value: T) => boolean): T[] {
    const found: T[] = [];
    for (let link = this.#end.after; link !== this.#end && found.length < count; link = link.after) {
      if (is(link.value)) found.push(link.value);
    }
    return found;
  }
}
