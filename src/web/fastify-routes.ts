// Fastify's routes: where each one's handler runs, and how its request is answered.
import { Readable } from 'node:stream';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteHandlerMethod,
  RouteOptions,
} from 'fastify';
import { InvalidArgumentError, turn } from '../index.js';
import { isBusy, RETRY_AFTER } from './busy.js';
import { type Desk, sharedDesk } from './desk.js';
import { Flight } from './flight.js';
import { isAsync, obstacle } from './handler.js';
import { type BlockingOptions, checkBlocking, selected } from './options.js';
import { bodyOf } from './request.js';
import { Route } from './route.js';

/** What does not cross besides a request's data. */
export const BEYOND = "Fastify's reply";

/** The desk of each plugin, by its decorator. */
export const desks = new WeakMap<object, Desk>();
const routes = new WeakMap<object, Route>();
/** Handlers that enter by a turn already. */
const entered = new WeakSet<object>();
const warned = new WeakSet<object>();

type Request = FastifyRequest;
type Reply = FastifyReply;

/** The desk of the plugin that an instance's scope has. */
export const deskOf = (app: object): Desk =>
  desks.get((app as { isthmus?: object }).isthmus ?? sharedDesk) ?? sharedDesk;

async function answer(route: Route, request: Request, reply: Reply): Promise<unknown> {
  const desk = deskOf(request.server);
  const flight = new Flight(desk.flights, reply.raw);
  try {
    const data = dataOf(request, route.options as BlockingOptions<Request>);
    const { head, body } = await route.run(desk, flight, String(request.id), [data]);
    if (head?.status !== undefined) reply.code(head.status);
    else if (body === undefined && reply.statusCode === 200) reply.code(204);
    if (head !== undefined) reply.headers(head.headers as Record<string, string | string[]>);
    return body instanceof Readable && request.method === 'HEAD' ? unread(body) : body;
  } catch (error) {
    flight.end();
    if (!flight.isGone) throw refusal(error, reply);
    // Nobody is there to be answered, and the log need not call that an error.
    reply.hijack();
    return undefined;
  }
}

/** Fastify would read a stream to its end, and for something else than a stream it would say how long that is. */
function unread(stream: Readable): Readable {
  stream.destroy();
  return Readable.from([]);
}

/** Objects of the parsers are of classes of their own, which would not cross as data. */
function dataOf(request: Request, options: BlockingOptions<Request>): object {
  return {
    id: String(request.id),
    method: request.method,
    url: request.url,
    ip: request.ip,
    params: { ...(request.params as object) },
    query: { ...(request.query as object) },
    headers: { ...request.headers },
    ...bodyOf(request),
    ...selected(options, request),
  };
}

/** Says that the server is busy, where that is what the error means. */
function refusal(error: unknown, reply: Reply): unknown {
  if (isBusy(error)) reply.header('retry-after', RETRY_AFTER);
  return error;
}

/** Fastify's handler for a route. */
export function handlerOf(route: Route): RouteHandlerMethod {
  const handler = function (this: FastifyInstance, request: Request, reply: Reply): Promise<unknown> {
    return answer(route, request, reply);
  };
  routes.set(handler, route);
  return handler as RouteHandlerMethod;
}

/** The same handler, entered from a clean base. */
function enteredByTurn(handler: RouteHandlerMethod): RouteHandlerMethod {
  const enter = async function (this: FastifyInstance, request: Request, reply: Reply): Promise<unknown> {
    try {
      await turn();
    } catch (error) {
      throw refusal(error, reply);
    }
    // Its client may have gone meanwhile, or a timeout of Fastify's has answered.
    if (reply.sent || reply.raw.destroyed) return reply;
    const value = (handler as (this: FastifyInstance, request: Request, reply: Reply) => unknown).call(
      this,
      request,
      reply,
    );
    // A plain handler that gives nothing answers by itself, now or later.
    return value === undefined ? reply : value;
  };
  entered.add(enter);
  return enter as RouteHandlerMethod;
}

/** What the plugin was told of routes in general. */
export interface Settings {
  readonly auto: boolean;
  readonly strict: boolean;
  readonly cleanBase: boolean;
}

/** Decides where a route's handler runs. */
export function place(desk: Desk, { auto, strict, cleanBase }: Settings, route: RouteOptions): void {
  const { handler, config, method, url } = route;
  const what = `${String(method)} ${url}`;
  const known = routes.get(handler);
  if (known !== undefined) {
    known.prepare(desk);
    return;
  }
  if (entered.has(handler) || (route as { websocket?: unknown }).websocket === true) return;
  const asked = config?.isthmus;
  const options: BlockingOptions = (typeof asked === 'string' ? { where: asked } : asked) ?? {};
  const call = `${what}: config.isthmus`;
  checkBlocking(call, options);
  const isAsked = asked !== undefined && options.where !== 'loop';
  if (isAsked || (auto && options.where !== 'loop' && !isAsync(handler))) {
    const why = obstacle(handler, 1, BEYOND);
    if (why === undefined) {
      const blocked = new Route(call, handler, options);
      blocked.prepare(desk);
      route.handler = handlerOf(blocked);
      return;
    }
    const name = handler.name || 'its handler';
    if (isAsked || strict) {
      throw new InvalidArgumentError(`${what}: ${name} cannot run on another thread: ${why}`);
    }
    if (!warned.has(handler)) {
      warned.add(handler);
      process.emitWarning(
        `${what}: ${name} stays on the event loop: ${why} Or write config: { isthmus: 'loop' }.`,
        'IsthmusWarning',
      );
    }
  }
  if (cleanBase) route.handler = enteredByTurn(handler);
}
