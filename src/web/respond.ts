// What a handler answers besides its body. It is a class of its own, and not a plain object with a mark in it, because a
// handler may give back what a client has sent.
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { InvalidArgumentError, registerClass } from '../index.js';
import { checkNames, describe } from './check.js';

/** A response's headers by name; several values of one header are a list. */
export type ResponseHeaders = Readonly<Record<string, string | number | readonly string[]>>;

/** What {@link respond} is given. */
export interface ResponseParts {
  /** 200 to 599. Default: 200, or 204 where there is no body. */
  readonly status?: number | undefined;
  /** Default: what the framework gives such a body. */
  readonly headers?: ResponseHeaders | undefined;
  /** A string, bytes, or data that becomes JSON. Default: none. */
  readonly body?: unknown;
}

/** What {@link respond} gives. */
export interface Responded extends ResponseParts {
  readonly headers: ResponseHeaders;
}

// Each adapter is a bundle of its own, with a copy of this file in it.
const key = Symbol.for('isthmus.web.Responded');
const shared = globalThis as { [key]?: new (parts: ResponseParts) => Responded };
shared[key] ??= class Responded {
  readonly status: number | undefined;
  readonly headers: ResponseHeaders;
  readonly body: unknown;

  constructor({ status, headers = {}, body }: ResponseParts) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
};
const Class = shared[key];
registerClass(Class, { name: 'isthmus.Responded' });

export function isResponded(value: unknown): value is Responded {
  return value instanceof Class;
}

function checkHeader(name: string, value: unknown): void {
  if (name.toLowerCase() === 'transfer-encoding') {
    throw new InvalidArgumentError(
      "respond()'s headers have no transfer-encoding: how the body is sent is the server's matter.",
    );
  }
  try {
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one as string);
  } catch (error) {
    throw new InvalidArgumentError(
      `respond()'s header ${JSON.stringify(name)}: ${(error as Error).message}.`,
    );
  }
}

/**
 * What a handler returns, or yields first, to set the status and headers of its response too.
 *
 * @throws InvalidArgumentError for a status that is none, and for a header's name or value that HTTP does not allow, such
 * as one with a line break in it, and for transfer-encoding.
 * @example
 * export function make(request) {
 *   return respond({ status: 201, headers: { location: '/things/7' }, body: { id: 7 } });
 * }
 * @since 0.1.0
 */
export function respond(parts: ResponseParts): Responded {
  checkNames('respond()', parts, ['status', 'headers', 'body']);
  const { status, headers } = parts;
  if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new InvalidArgumentError(
      `respond()'s status is a whole number from 200 to 599, not ${describe(status)}.`,
    );
  }
  if (headers !== undefined) {
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
      throw new InvalidArgumentError(
        `respond()'s headers are an object like { location: '/' }, not ${describe(headers)}.`,
      );
    }
    for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
  }
  return new Class(parts);
}
