// Express: a handler that blocks leaves the event loop, by `blocking()` for a route.
import { pipeline, Readable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import type { Address } from '../index.js';
import { TEXT } from './body.js';
import { isBusy, RETRY_AFTER } from './busy.js';
import { sharedDesk } from './desk.js';
import { Flight } from './flight.js';
import { type AnyHandler, checkHandler } from './handler.js';
import { type BlockingOptions, checkBlocking, type OptionsFor, type Part, selected } from './options.js';
import { guarded, RECEIVED } from './received.js';
import { type BlockingRequest, bodyOf, requestId } from './request.js';
import { respond } from './respond.js';
import { type Outcome, Route } from './route.js';

export type { BlockingOptions, Where } from './options.js';
export type { BlockingRequest } from './request.js';
export type { Responded, ResponseHeaders, ResponseParts } from './respond.js';
export { requestId, respond };

const BEYOND = "Express's response";

function dataOf(request: Request, options: BlockingOptions<Request>): object {
  return {
    id: '',
    method: request.method,
    url: request.originalUrl,
    ip: request.ip ?? '',
    params: { ...request.params },
    query: { ...request.query },
    headers: { ...request.headers },
    ...bodyOf(request),
    ...selected(options, request),
  };
}

/** `over` is told how a stream has ended; the head of one that failed is sent, so the connection is at its end. */
function send(
  response: Response,
  { head, body, isText }: Outcome,
  over: (error: NodeJS.ErrnoException | null | undefined) => void,
): void {
  if (head?.status !== undefined) response.status(head.status);
  else if (body === undefined && response.statusCode === 200) response.status(204);
  for (const [name, value] of Object.entries(head?.headers ?? {})) response.setHeader(name, value);
  if (body instanceof Readable) {
    if (isText && !response.hasHeader('content-type')) response.setHeader('content-type', TEXT);
    if (response.req.method === 'HEAD') body.destroy();
    else return void pipeline(body, response, over);
  }
  if (body === undefined || body instanceof Readable) response.end();
  else if (typeof body === 'string' && !response.hasHeader('content-type'))
    response.type('text/plain').send(body);
  else if (typeof body === 'string' || Buffer.isBuffer(body)) response.send(body);
  else response.json(body);
}

/**
 * A handler for a route: runs an exported function on a pool, with the request's data, and sends what it returns.
 *
 * What it returns is the body: data becomes JSON; a string is plain text; bytes are sent as they are; nothing is a 204. {@link respond}
 * sets the status and headers too. A generator is streamed: it yields strings and bytes, and first, if it wants, a
 * `respond({ status, headers })`. What it throws goes to the error handlers.
 *
 * @param handler An exported function of a module, or its address written out, sync or async.
 * @param options See {@link BlockingOptions}. Give a `pool` with a bounded queue, and busy is answered by 503.
 * @throws InvalidArgumentError for what another thread cannot run: a closure, or a handler that takes the response.
 * @example
 * // hash.js: export const hash = (request) => scryptSync(request.params.pw, 'salt', 64).toString('hex');
 * app.get('/hash/:pw', blocking(hash, { pool }));
 * @since 0.1.0
 */
export function blocking<Taken = BlockingRequest>(
  handler: ((request: Taken) => unknown) | Address,
  ...[options = {}]: OptionsFor<Taken, BlockingRequest, Request>
): RequestHandler<Part<Taken, 'params'>, unknown, Part<Taken, 'body'>, Part<Taken, 'query'>> {
  checkBlocking('blocking()', options);
  checkHandler('blocking()', handler, options.where, 1, BEYOND);
  const route = new Route('blocking()', handler as AnyHandler, options as BlockingOptions, RECEIVED);
  route.prepare(sharedDesk);
  const own = options as BlockingOptions<Request>;
  const answer: RequestHandler = async (request, response, next) => {
    const flight = new Flight(sharedDesk.flights, '', response);
    try {
      const data = dataOf(request, own);
      const args = [route.staysOnLoop ? guarded(data) : data];
      send(response, await route.run(sharedDesk, flight, args), (error) => {
        const isLeft = error?.code === 'ERR_STREAM_PREMATURE_CLOSE' || error === flight.signal.reason;
        if (error && !isLeft) next(error);
      });
    } catch (error) {
      flight.end();
      // Nobody is there to be answered.
      if (flight.isGone) return;
      if (isBusy(error) && !response.headersSent) response.setHeader('retry-after', RETRY_AFTER);
      // next() takes other values for something else than an error.
      next(
        error instanceof Error ? error : new Error('The handler threw what is no error.', { cause: error }),
      );
    }
  };
  return answer as never;
}
