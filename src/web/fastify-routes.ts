// Fastify's routes: where each one's handler runs, and how its request is answered.
import { subscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RouteHandlerMethod,
  RouteOptions,
} from 'fastify';
import { InvalidArgumentError, turn } from '../index.js';
import { TEXT } from './body.js';
import { isBusy, RETRY_AFTER } from './busy.js';
import { type Desk, sharedDesk } from './desk.js';
import { Flight } from './flight.js';
import { isAsync, isGenerator, obstacle } from './handler.js';
import { type BlockingOptions, checkBlocking, selected } from './options.js';
import { guarded, RECEIVED } from './received.js';
import { bodyOf } from './request.js';
import { type Outcome, Route, streamed } from './route.js';

/** What does not cross besides a request's data. */
export const BEYOND = "Fastify's reply";

/** Where a plugin's decorator has its desk. */
export const ofPlugin = Symbol('desk');
const routes = new WeakMap<object, Route>();
/** Handlers that enter by a turn already. */
const entered = new WeakSet<object>();
const warned = new WeakSet<object>();

type Request = FastifyRequest;
type Reply = FastifyReply;

/** The desk of the plugin that an instance's scope has. */
export const deskOf = (app: object): Desk =>
  (app as { isthmus?: { readonly [ofPlugin]?: Desk } }).isthmus?.[ofPlugin] ?? sharedDesk;

async function answer(
  request: Request,
  reply: Reply,
  work: (desk: Desk, flight: Flight, request: Request, reply: Reply) => Promise<Outcome>,
): Promise<unknown> {
  const desk = deskOf(request.server);
  const flight = new Flight(desk.flights, String(request.id), reply.raw);
  try {
    const { head, body, isText } = await work(desk, flight, request, reply);
    if (head?.status !== undefined) reply.code(head.status);
    else if (body === undefined && reply.statusCode === 200) reply.code(204);
    if (head !== undefined) reply.headers(head.headers as Record<string, string | string[]>);
    if (isText && !reply.hasHeader('content-type')) reply.header('content-type', TEXT);
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
  const run = (desk: Desk, flight: Flight, request: Request): Promise<Outcome> => {
    const data = dataOf(request, route.options as BlockingOptions<Request>);
    return route.run(desk, flight, [route.staysOnLoop ? guarded(data) : data]);
  };
  const handler = (request: Request, reply: Reply): Promise<unknown> => answer(request, reply, run);
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

/** A generator that stays on the loop, streamed. */
function streamedHere(handler: RouteHandlerMethod): RouteHandlerMethod {
  const stream = function (this: FastifyInstance, request: Request, reply: Reply): Promise<unknown> {
    return answer(request, reply, async (_desk, flight) => {
      await turn({ signal: flight.signal });
      return streamed(handler.call(this, request, reply) as AsyncIterable<unknown>, flight);
    });
  };
  entered.add(stream);
  return stream as RouteHandlerMethod;
}

// Each route that is added to a Fastify instance, by whomever and whenever: a plugin sees only those that come after it.
const added = new WeakMap<object, { readonly app: FastifyInstance; readonly route: RouteOptions }[]>();
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  const all: { readonly app: FastifyInstance; readonly route: RouteOptions }[] = [];
  added.set(fastify.server, all);
  fastify.addHook('onRoute', function (this: FastifyInstance, route) {
    all.push({ app: this, route });
  });
});
const placed = new WeakSet<RouteOptions>();

/**
 * Says which routes of the plugin's scope it has not seen, though it was meant to: they were added before it, or in the same tick.
 * Throws InvalidArgumentError instead where it is strict.
 */
export function checkMissed(app: FastifyInstance, desk: Desk, { auto, strict }: Settings): void {
  const missed: string[] = [];
  for (const { app: scope, route } of added.get(app.server) ?? []) {
    if (placed.has(route) || deskOf(scope) !== desk) continue;
    const { handler, config, method, url } = route;
    const known = routes.get(handler);
    if (known !== undefined) known.prepare(desk);
    else if (
      config?.isthmus !== undefined ||
      (auto && isMeant(handler) && obstacle(handler, 1, BEYOND) === undefined)
    )
      missed.push(`${String(method)} ${url}`);
  }
  if (missed.length === 0) return;
  const message = `The plugin isthmus took hold after these routes were added, and so does nothing for them: ${missed.join(', ')}. Write await app.register(isthmus, { … }) before the routes.`;
  if (strict) throw new InvalidArgumentError(message);
  process.emitWarning(message, 'IsthmusWarning');
}

/** Is it for the automatic mode to move? */
function isMeant(handler: RouteHandlerMethod): boolean {
  return !isAsync(handler) || isGenerator(handler);
}

/** What the plugin was told of routes in general. */
export interface Settings {
  readonly auto: boolean;
  readonly strict: boolean;
  readonly cleanBase: boolean;
}

/** Decides where a route's handler runs. */
export function place(desk: Desk, { auto, strict, cleanBase }: Settings, route: RouteOptions): void {
  placed.add(route);
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
  if (options.where === 'loop' && options.select !== undefined) {
    throw new InvalidArgumentError(
      `${call} takes no select with 'loop': there the handler gets Fastify's own request.`,
    );
  }
  const isAsked = asked !== undefined && options.where !== 'loop';
  if (isAsked || (auto && options.where !== 'loop' && isMeant(handler))) {
    const why = obstacle(handler, 1, BEYOND);
    if (why === undefined) {
      const blocked = new Route(call, handler, options, RECEIVED);
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
  if (isGenerator(handler)) route.handler = streamedHere(handler);
  else if (cleanBase) route.handler = enteredByTurn(handler);
}
