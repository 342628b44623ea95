// Hono on Node: a handler that blocks leaves the event loop, by `blocking()` for a route. It takes a standard Request and gives a
// standard Response.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import type { Context, Handler } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import type { Address } from '../index.js';
import { TEXT } from './body.js';
import { isBusy, RETRY_AFTER } from './busy.js';
import { canMove, sharedDesk } from './desk.js';
import { Flight } from './flight.js';
import { type AnyHandler, checkHandler } from './handler.js';
import { type BlockingOptions, checkBlocking, type OptionsFor, selected } from './options.js';
import { guardedContext } from './received.js';
import { bodyOf, requestId } from './request.js';
import { isResponded, respond } from './respond.js';
import { type Outcome, Route } from './route.js';
import type { RequestParts } from './standard.js';

export type { BlockingOptions, Where } from './options.js';
export type { Responded, ResponseHeaders, ResponseParts } from './respond.js';
export { requestId, respond };

/** What a handler is given beside the request: plain data. */
export interface BlockingContext<Params = Record<string, string>> {
  readonly params: Params;
  /** What the middleware requestId() calls the request; empty without it. */
  readonly id: string;
}

const BEYOND = "Hono's context";
const STANDARD = { module: new URL('./standard.js', import.meta.url).href, name: 'standard' };

/** Node's response, where Hono runs on Node. */
function nodeResponse(c: Context): ServerResponse | undefined {
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  return typeof outgoing?.once === 'function' ? outgoing : undefined;
}

/** The body is moved, if nobody has read it before: then somebody may still hold it. */
async function partsOf(c: Context): Promise<{ parts: RequestParts; own: ArrayBuffer | undefined }> {
  const { raw } = c.req;
  const isOurs = !raw.bodyUsed;
  const { method, url, headers } = raw;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? await c.req.arrayBuffer() : undefined;
  return {
    parts: { method, url, headers: [...headers], ...bodyOf({ body }) },
    own: isOurs ? body : undefined,
  };
}

/** Statuses whose responses have no body. */
const BARE: readonly unknown[] = [204, 205, 304];

function send(c: Context, { head, body: given, isText }: Outcome): Response {
  const isBare = BARE.includes(head?.status);
  if (isBare && given instanceof Readable) given.destroy();
  const body = isBare ? undefined : given;
  for (const [name, value] of Object.entries(head?.headers ?? {})) {
    // Of a body that is there the server knows the length; a wrong one would make its end the next answer's beginning.
    if (name.toLowerCase() === 'content-length' && body !== undefined && !(body instanceof Readable))
      continue;
    const [first, ...rest] = Array.isArray(value) ? (value as string[]) : [String(value)];
    c.header(name, first);
    for (const one of rest) c.header(name, one, { append: true });
  }
  const names = Object.keys(head?.headers ?? {}).map((name) => name.toLowerCase());
  const hasType = names.includes('content-type');
  if (head?.status !== undefined) c.status(head.status as StatusCode);
  else if (body === undefined) c.status(204);
  if (body === undefined) return c.body(null);
  if (body instanceof Readable) {
    if (isText && !hasType) c.header('content-type', TEXT);
    if (c.req.method !== 'HEAD') return c.body(Readable.toWeb(body) as ReadableStream);
    body.destroy();
    return c.body(null);
  }
  if (Buffer.isBuffer(body)) {
    // A Response says of itself what it is, or that it does not know.
    if (head === undefined) c.header('content-type', 'application/octet-stream');
    return c.body(body as Uint8Array<ArrayBuffer>);
  }
  if (typeof body === 'string') return hasType ? c.body(body) : c.text(body);
  return c.json(body);
}

/** Hono answers an error by its `getResponse`, where it has one; error handlers see the error itself. */
function answerable(thrown: unknown): unknown {
  // Hono passes on what is no error to nobody.
  if (!(thrown instanceof Error)) return new Error('The handler threw what is no error.', { cause: thrown });
  const isNotNow = isBusy(thrown);
  const carried = (thrown as { res?: unknown }).res;
  if (isResponded(carried)) {
    const { headers, body } = carried;
    const { status = 500 } = thrown as { status?: number };
    const pairs = Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    );
    const answer = new Response((body as ArrayBuffer | undefined) ?? null, { status, headers: pairs });
    const value = (): Response => answer;
    return Object.defineProperties(thrown, {
      res: { value: answer },
      getResponse: { value, configurable: true, writable: true },
    });
  }
  const { statusCode, status = statusCode, getResponse } = thrown as Error & Partial<Record<string, unknown>>;
  const isStatus = Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599;
  if (!isStatus || typeof getResponse === 'function') return thrown;
  const text = (status as number) < 500 ? thrown.message : STATUS_CODES[status as number];
  const headers = { 'content-type': TEXT, ...(isNotNow && { 'retry-after': RETRY_AFTER }) };
  const value = (): Response => new Response(text ?? '', { status: status as number, headers });
  Object.defineProperty(thrown, 'getResponse', { value, configurable: true, writable: true });
  return thrown;
}

/**
 * A handler for a route: runs an exported function on a pool, with a standard Request, and sends the Response that it returns.
 * The request's body is moved there, and the response's back. It may return data (JSON), a string, bytes, or
 * {@link respond} as well; a generator is streamed.
 *
 * @param handler An exported function of a module, or its address written out, sync or async: `(request, { params, id }) => response`.
 * @param options See {@link BlockingOptions}. Give a `pool` with a bounded queue, and busy is answered by 503.
 * @throws InvalidArgumentError for what another thread cannot run: a closure, or a handler that takes more.
 * @example
 * // hash.js: export const hash = (request, { params }) => new Response(scryptSync(params.pw, 'salt', 64));
 * app.get('/hash/:pw', blocking(hash, { pool }));
 * @since 0.1.0
 */
export function blocking<Taken = BlockingContext>(
  handler: ((request: Request, context: Taken) => unknown) | Address,
  ...[options = {}]: OptionsFor<Taken, BlockingContext, Context>
): Handler {
  checkBlocking('blocking()', options);
  checkHandler('blocking()', handler, options.where, 2, BEYOND);
  const route = new Route('blocking()', handler as AnyHandler, options as BlockingOptions, STANDARD);
  route.prepare(sharedDesk);
  const ofContext = options as BlockingOptions<Context>;
  const moves = canMove(options as BlockingOptions);
  return async (c) => {
    const response = nodeResponse(c);
    const id = String((c.get('requestId') as unknown) ?? '');
    const signal = response === undefined ? c.req.raw.signal : undefined;
    const flight = new Flight(sharedDesk.flights, id, response, signal);
    try {
      const context = { params: { ...c.req.param() }, id, ...selected(ofContext, c) };
      if (route.staysOnLoop)
        return finish(c, await route.run(sharedDesk, flight, [c.req.raw, guardedContext(context)]));
      const { parts, own } = await partsOf(c);
      const moved = moves && own !== undefined ? [own] : undefined;
      return finish(c, await route.run(sharedDesk, flight, [parts, context], moved));
    } catch (error) {
      flight.end();
      // Nobody is there to be answered.
      if (flight.isGone) return new Response(null, { status: 499 });
      throw answerable(error);
    }
  };
}

function finish(c: Context, outcome: Outcome): Response {
  return outcome.body instanceof Response ? outcome.body : send(c, outcome);
}
