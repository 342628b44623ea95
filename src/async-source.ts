// What can be iterated asynchronously, as `for await` understands it.
/** A source that `for await` would take. */
export type AsyncSource<T> = AsyncIterable<T> | Iterable<T | PromiseLike<T>>;
