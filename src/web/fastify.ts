// Fastify: a handler that blocks leaves the event loop, by `blocking()` for one route or by itself.
//
// Guarantees:
// - a handler gets the data of its own request, and its answer goes to that request;
// - an error reaches the error handlers as it was thrown, with its `statusCode`;
// - when its client has gone, work that waits never begins, and work that runs is told;
// - `app.close()` waits for what runs, and for what clients are sending, for so long and no longer.
import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteHandlerMethod,
} from 'fastify';
import {
  type Address,
  InvalidArgumentError,
  Limiter,
  type PoolOptions,
  TimeoutError,
  type WorkerPool,
} from '../index.js';
import { checkNames, checkObject, expect } from './check.js';
import { checkChoice, Desk, sharedDesk } from './desk.js';
import { BEYOND, checkMissed, deskOf, handlerOf, ofPlugin, place } from './fastify-routes.js';
import { type AnyHandler, checkHandler } from './handler.js';
import {
  type BlockingOptions,
  checkBlocking,
  isPool,
  type OptionsFor,
  type Part,
  type Where,
} from './options.js';
import { metrics } from './prometheus.js';
import { RECEIVED } from './received.js';
import { type BlockingRequest, requestId } from './request.js';
import { respond } from './respond.js';
import { Route } from './route.js';
import { type Health, type HealthSources, health } from './sources.js';

export type { BlockingOptions, Where } from './options.js';
export type { BlockingRequest } from './request.js';
export type { Responded, ResponseHeaders, ResponseParts } from './respond.js';
export { requestId, respond };

/** How the plugin treats the routes of its scope. */
export interface IsthmusOptions {
  /**
   * Plain (not async) exported handlers and generators run on the pool, async ones stay on the loop. A plain one that another
   * thread cannot find, or that takes Fastify's reply, stays there too, which is said once by a process warning. Default: false.
   */
  readonly auto?: boolean | undefined;
  /**
   * With `auto`: such a handler is refused when its route is registered, and `ready()` refuses routes that were added before the
   * plugin, which are said by a process warning otherwise. Default: false.
   */
  readonly strict?: boolean | undefined;
  /** Handlers that stay on the loop are entered by `turn()`, so that `run` is safe in them. Default: true. */
  readonly cleanBase?: boolean | undefined;
  /** The pool of threads: one that `createPool()` gave, or what to make one of, with `queue: 1000` and `nice: 10` where that
   * says nothing of these. Default: one of these. */
  readonly pool?: WorkerPool | Omit<PoolOptions, 'kind'> | undefined;
  /** The same of the pool of processes. */
  readonly processes?: WorkerPool | Omit<PoolOptions, 'kind'> | undefined;
  /** Limiters that routes know by name: `{ images: 2 }`. */
  readonly limiters?: Readonly<Record<string, Limiter | number>> | undefined;
  /**
   * ms that `app.close()` waits for requests on their way; then they are answered by 503, and a second later every connection that is left
   * is closed: of clients that have not sent all of a request, or not read their answer. Of several plugins of a server the longest
   * counts for that. Default: 10,000.
   */
  readonly drain?: number | undefined;
}

/** What the plugin adds to the instance, as `app.isthmus`. */
export interface IsthmusDecorator {
  /** The pools and limiters of this scope. */
  health(): Health;
  /** The same as text for Prometheus. */
  metrics(): string;
  /** The same for `addMetrics` and `addToMeter` of isthmus/health; a pool is there when its first route needs it. */
  readonly sources: HealthSources;
}

declare module 'fastify' {
  interface FastifyInstance {
    isthmus: IsthmusDecorator;
  }
  interface FastifyContextConfig {
    // `object`, for else Fastify's inference would take any string for options, of which none is required.
    isthmus?: Where | (BlockingOptions<FastifyRequest> & object) | undefined;
  }
}

const NAMES = ['auto', 'strict', 'cleanBase', 'pool', 'processes', 'limiters', 'drain'];
const DRAIN = 10_000;
/** ms for what was given up to be answered. */
const LAST = 1000;
const LONGEST = 2 ** 31 - 1;

/**
 * A handler for one route: runs an exported function on the pool, with the request's data, and sends what it returns.
 *
 * What it returns is the body: data becomes JSON, by the route's schema if there is one; a string and bytes are sent as they
 * are; nothing is a 204. {@link respond} sets the status and headers too. A generator is streamed: it yields strings and
 * bytes, and first, if it wants, a `respond({ status, headers })`.
 *
 * @param handler An exported function of a module, or its address written out, sync or async.
 * @param options See {@link BlockingOptions}.
 * @throws InvalidArgumentError for what another thread cannot run: a closure, or a handler that takes Fastify's reply.
 * @example
 * // hash.js: export const hash = (request) => scryptSync(request.params.pw, 'salt', 64).toString('hex');
 * app.get('/hash/:pw', blocking(hash));
 * @since 0.1.0
 */
export function blocking<Taken = BlockingRequest>(
  handler: ((request: Taken) => unknown) | Address,
  ...[options = {}]: OptionsFor<Taken, BlockingRequest, FastifyRequest>
): RouteHandlerMethod<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  { Params: Part<Taken, 'params'>; Querystring: Part<Taken, 'query'>; Body: Part<Taken, 'body'> }
> {
  checkBlocking('blocking()', options);
  checkHandler('blocking()', handler, options.where, 1, BEYOND);
  return handlerOf(
    new Route('blocking()', handler as AnyHandler, options as BlockingOptions, RECEIVED),
  ) as never;
}

function checkPlugin(options: unknown): IsthmusOptions {
  const call = 'isthmus()';
  checkObject(call, options, NAMES);
  // Fastify's own options of a registration come with them.
  const { prefix, logLevel, logSerializers, ...own } = options as Record<string, unknown>;
  checkNames(call, own, NAMES);
  const { auto, strict, cleanBase, pool, processes, limiters, drain } = own as IsthmusOptions;
  for (const [key, value] of Object.entries({ auto, strict, cleanBase }))
    expect(call, key, value, typeof value === 'boolean', 'true or false');
  for (const [key, value] of Object.entries({ pool, processes })) {
    const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
    expect(call, key, value, isPool(value) || isPlain, 'a pool that createPool() gave, or options for one');
  }
  if (pool !== undefined) checkChoice(call, 'pool', 'thread', pool);
  if (processes !== undefined) checkChoice(call, 'processes', 'process', processes);
  expect(
    call,
    'limiters',
    limiters,
    typeof limiters === 'object' && limiters !== null && !Array.isArray(limiters),
    'an object like { images: 2 }',
  );
  expect(call, 'drain', drain, typeof drain === 'number' && drain >= 0, 'a number of milliseconds from 0 on');
  return own;
}

/** How long the plugins of a server wait for requests, at most. */
const drains = new WeakMap<object, number>();

function register(app: FastifyInstance, given: IsthmusOptions): void {
  const { auto = false, strict = false, cleanBase = true, drain = DRAIN, ...parts } = checkPlugin(given);
  if (Object.hasOwn(app, 'isthmus')) {
    throw new InvalidArgumentError(
      'The plugin isthmus is registered in this scope already: give it all of its options at once, or register it in a scope within.',
    );
  }
  const limiters = Object.fromEntries(
    Object.entries(parts.limiters ?? {}).map(([name, most]) => [
      name,
      most instanceof Limiter ? most : new Limiter(most, { name }),
    ]),
  );
  const desk = new Desk({ thread: parts.pool, process: parts.processes, limiters }, outerOf(app));
  const sources: HealthSources = {
    get pools() {
      return desk.pools;
    },
    get limiters() {
      return desk.limiters;
    },
  };
  const decorator: IsthmusDecorator & { readonly [ofPlugin]: Desk } = {
    [ofPlugin]: desk,
    health: () => health(sources),
    metrics: () => metrics(sources),
    sources,
  };
  const settings = { auto, strict, cleanBase };
  app.decorate('isthmus', decorator);
  app.addHook('onRoute', function (this: FastifyInstance, route) {
    // The innermost plugin decides.
    if (this.isthmus === decorator) place(desk, settings, route);
  });
  app.addHook('onReady', async () => checkMissed(app, desk, settings));
  const { server } = app;
  drains.set(server, Math.max(drains.get(server) ?? 0, drain));
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    desk.abort(new TimeoutError('app.close()', drain));
    timer = setTimeout(() => {
      desk.cut();
      // Whoever has not sent his request yet has no flight. A plugin that waits longer has its own say.
      if (drains.get(server) === drain) server.closeAllConnections?.();
    }, LAST);
  };
  app.addHook('preClose', (done) => {
    if (drain <= LONGEST) timer = setTimeout(giveUp, drain);
    done();
  });
  app.addHook('onClose', async () => {
    clearTimeout(timer);
    await desk.close();
  });
}

function outerOf(app: FastifyInstance): Desk | undefined {
  const outer = deskOf(app);
  return outer === sharedDesk ? undefined : outer;
}

/**
 * The plugin: gives the routes of its scope a pool of their own, which `app.close()` drains, and, with `auto`, moves plain
 * exported handlers to it. Wait for it, before the routes. Handlers that stay on the loop are entered by `turn()`. A route says otherwise by
 * `config: { isthmus: 'thread' | 'process' | 'loop' | { … } }`.
 *
 * @throws InvalidArgumentError for what is no such option.
 * @example
 * await app.register(isthmus, { auto: true, pool: { size: 4, queue: 100 } });
 * app.get('/hash/:pw', hash); // on a thread, if hash is a plain exported function
 * @since 0.1.0
 */
export const isthmus: FastifyPluginCallback<IsthmusOptions> = Object.assign(
  (app: FastifyInstance, options: IsthmusOptions, done: (error?: Error) => void): void => {
    try {
      register(app, options);
      done();
    } catch (error) {
      done(error as Error);
    }
  },
  {
    // What fastify-plugin writes: it is for the scope that registers it.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'isthmus',
    [Symbol.for('plugin-meta')]: { fastify: '5.x', name: 'isthmus' },
  },
);
