// Plain node:http: a listener is entered from a clean base.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { turn } from '../index.js';
import { RETRY_AFTER } from './busy.js';
import { expect } from './check.js';

/** The line is full. */
function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'retry-after': RETRY_AFTER, connection: 'close', 'content-length': 0 }).end();
}

/**
 * The same listener, with each request entered by `turn()`: `run` is always safe in it, whatever the clients do, and requests
 * are let in fairly. Where the line is full the answer is 503. A request whose client has gone meanwhile is dropped.
 *
 * @throws InvalidArgumentError for what is no function.
 * @example
 * createServer(onCleanBase((request, response) => response.end(renderSync(request)))); // may call run()
 * @since 0.1.0
 */
export function onCleanBase(listener: RequestListener): RequestListener;
export function onCleanBase<
  Request extends typeof IncomingMessage,
  Response extends typeof ServerResponse<InstanceType<Request>>,
>(listener: RequestListener<Request, Response>): RequestListener<Request, Response>;
export function onCleanBase(listener: RequestListener): RequestListener {
  expect('onCleanBase()', 'listener', listener ?? null, typeof listener === 'function', 'a function');
  return function (this: unknown, request, response) {
    turn().then(
      () => {
        if (response.destroyed || request.socket.destroyed) return;
        try {
          listener.call(this, request, response);
        } catch (error) {
          // As from a listener of the server's own: nobody else could tell what to answer.
          queueMicrotask(() => {
            throw error;
          });
        }
      },
      () => refuse(response),
    );
  };
}
