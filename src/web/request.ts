// What of a request crosses to the worker.
import { AsyncLocalStorage } from 'node:async_hooks';
import { carry } from '../index.js';

/** A request as its handler gets it: plain data, for nothing else crosses. */
export interface BlockingRequest<Params = unknown, Query = unknown, Body = unknown> {
  /** What the framework calls the request in its log; empty where it has no names for them. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
  /** The client's address, as the framework knows it. */
  readonly ip: string;
  readonly params: Params;
  readonly query: Query;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it was parsed: data, a string, a Buffer, or undefined. */
  readonly body: Body;
}

/** Nothing stands for a body that is not there: data without an undefined cross as JSON, which takes half the time of the port. */
export function bodyOf<T>({ body }: { readonly body?: T | undefined }): { readonly body?: T } {
  return body === undefined ? {} : { body };
}

/** What the store is called across threads. */
export const REQUEST_ID = 'isthmus.requestId';

// Each adapter is a bundle of its own, with a copy of this file in it.
const key = Symbol.for('isthmus.web.requestId');
const shared = globalThis as { [key]?: AsyncLocalStorage<string> };
shared[key] ??= new AsyncLocalStorage<string>();

/**
 * The id of the request that a handler works for, also in what it calls: `requestId.getStore()`. It is carried to the worker.
 *
 * @example
 * export const log = (text) => console.log(requestId.getStore(), text);
 * @since 0.1.0
 */
export const requestId: AsyncLocalStorage<string> = carry(REQUEST_ID, shared[key]);
