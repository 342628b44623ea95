// What a handler's value is as a response's body.
import { Readable } from 'node:stream';
import { InvalidArgumentError } from '../index.js';
import { describe } from './check.js';
import type { Flight } from './flight.js';
import { isResponded, type Responded } from './respond.js';

/** The bytes of a value that is bytes. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  return undefined;
}

/** The values of a handler that streams, on this thread or on another. */
export function iteratorOf(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterator<unknown> {
  if (Symbol.asyncIterator in values) return values[Symbol.asyncIterator]();
  const own = values[Symbol.iterator]();
  return {
    next: async () => own.next(),
    return: async () => own.return?.() ?? { done: true, value: undefined },
  };
}

/** What a handler that streams has begun with. */
export interface Opened {
  readonly head: Responded | undefined;
  readonly stream: Readable;
  /** It begins with a string. */
  readonly isText: boolean;
}

/** What a string is, where nothing else is said of it. */
export const TEXT = 'text/plain; charset=utf-8';

function chunkOf(value: unknown): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : bytesOf(value);
  if (bytes === undefined) {
    throw new InvalidArgumentError(
      `A handler that streams yields strings and bytes, and before them respond({ status, headers }), not ${describe(value)}.`,
    );
  }
  return bytes;
}

/** Not Readable.from(), which does not leave a source that it has not begun to read: a HEAD request's. */
function streamOf(first: IteratorResult<unknown>, values: AsyncIterator<unknown>, flight: Flight): Readable {
  let step: IteratorResult<unknown> | undefined = first;
  let isOver = false;
  const pull = async (stream: Readable): Promise<void> => {
    for (;;) {
      const { done, value } = step ?? (await values.next());
      step = undefined;
      if (done === true) {
        isOver = true;
        stream.push(null);
        return;
      }
      const bytes = chunkOf(value);
      if (bytes.length === 0) continue;
      stream.push(bytes);
      return;
    }
  };
  const { signal } = flight;
  // What was given up ends also where nobody reads any further, and so nobody asks for more.
  const giveUp = (): void => {
    stream.destroy(signal.reason as Error);
  };
  const stream = new Readable({
    read() {
      pull(this).catch((error: unknown) => this.destroy(error as Error));
    },
    destroy(error, done) {
      signal.removeEventListener('abort', giveUp);
      if (isOver) flight.end();
      else flight.leave();
      void values.return?.();
      done(error);
    },
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  return stream;
}

/** Waits for the first value of a stream, so that what goes wrong before it is an answer of its own. */
export async function open(values: AsyncIterator<unknown>, flight: Flight): Promise<Opened> {
  let first = await values.next();
  let head: Responded | undefined;
  try {
    if (first.done !== true && isResponded(first.value)) {
      head = first.value;
      if (head.body !== undefined) {
        throw new InvalidArgumentError(
          'A handler that streams yields its body after respond({ status, headers }), not in it.',
        );
      }
      first = await values.next();
    }
    if (first.done !== true) chunkOf(first.value);
  } catch (error) {
    await values.return?.();
    throw error;
  }
  const isText = first.done !== true && typeof first.value === 'string';
  return { head, stream: streamOf(first, values, flight), isText };
}
