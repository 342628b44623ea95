// In the worker: a handler of standard requests and responses is called with one, and what it gives crosses.
import { currentSignal, transfer } from '../index.js';
import { guardedContext } from './received.js';
import { respond } from './respond.js';

/** A standard request, as it crosses. */
export interface RequestParts {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: ArrayBuffer;
}

type Handler = (request: Request, context: unknown) => unknown;

/** What is called in the handler's place. */
export function standard(handler: Handler): (parts: RequestParts, context: object) => Promise<unknown> {
  return async ({ method, url, headers, body }, context) => {
    const signal = currentSignal() ?? null;
    const init = { method, headers: headers as [string, string][], signal, ...(body && { body }) };
    const request = new Request(url, init);
    // A Request follows a signal by a weak reference: of a handler that waits for nothing else, all would be collected that could tell it.
    signal?.addEventListener('abort', () => request);
    const given = await answerOf(handler, request, guardedContext(context));
    return given instanceof Response ? crossing(given) : given;
  };
}

/** An HTTPException may have a Response in it, which crosses like one that is returned. */
async function answerOf(handler: Handler, request: Request, context: unknown): Promise<unknown> {
  try {
    return await handler(request, context);
  } catch (error) {
    const { res } = (error ?? {}) as { res?: unknown };
    if (res instanceof Response) (error as { res: unknown }).res = await crossing(res);
    throw error;
  }
}

/** How somebody else has sent this body. */
const OF_CONNECTION = ['connection', 'content-length', 'keep-alive', 'transfer-encoding'];

/** Its body is read to the end: a stream is what generators are for. */
async function crossing(response: Response): Promise<unknown> {
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers);
  if (response.url !== '') {
    // It is what fetch() gave, which has decoded it.
    for (const name of [...OF_CONNECTION, 'content-encoding']) delete headers[name];
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  const { status } = response;
  if (response.body === null) return respond({ status, headers });
  const body = await response.arrayBuffer();
  return transfer(respond({ status, headers, body }), [body]);
}
