// What comes and goes, in the order in which it came.
//
// Not a Set or a Map, whose order is the same: V8 makes a new table for one again and again as its elements come and go, and the old
// table points to the new one. The first that has come into the old generation keeps all that come after it, and what was in them,
// until the next full collection: a scavenge of a server in a flood took 12 ms in place of 1. See decisions/0014.

/** One that has come, until it leaves. */
export class Link<T> {
  readonly value: T;
  before: Link<T>;
  after: Link<T>;

  /** Comes before `after`; one of its own where there is none. */
  constructor(value: T, after?: Link<T>) {
    this.value = value;
    this.after = after ?? this;
    this.before = after?.before ?? this;
    this.before.after = this;
    this.after.before = this;
  }

  /** Does nothing the second time. */
  leave(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    // It must not lead to those that stay.
    this.before = this;
    this.after = this;
  }
}

export class Ring<T> {
  readonly #end: Link<T | undefined> = new Link<T | undefined>(undefined);

  get isEmpty(): boolean {
    return this.#end.after === this.#end;
  }

  add(value: T): Link<T> {
    return new Link<T | undefined>(value, this.#end) as Link<T>;
  }

  /** Those that are there now, whoever leaves meanwhile. */
  all(): T[] {
    return this.first(Number.POSITIVE_INFINITY, () => true);
  }

  /** The first so many of those that `is` says yes to. */
  first(count: number, is: (value: T) => boolean): T[] {
    const found: T[] = [];
    for (let link = this.#end.after; link !== this.#end && found.length < count; link = link.after) {
      if (is(link.value as T)) found.push(link.value as T);
    }
    return found;
  }
}
