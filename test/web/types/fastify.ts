// What must compile of the Fastify adapter, with Fastify's own types, and what must not.
import fastify, { type FastifyTypeProvider } from 'fastify';
import { createPool, Limiter } from 'isthmus';
import { type BlockingRequest, blocking, isthmus, type Responded, requestId, respond } from 'isthmus/fastify';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_A, _B>(_: Equal<_A, _B>): void => {};

declare function plain(): string;
declare function anything(request: BlockingRequest): unknown;
declare function hash(request: BlockingRequest<{ pw: string }>): string;
declare function byShape(request: { params: { pw: string }; query: { rounds?: string } }): Promise<Buffer>;
declare function save(request: BlockingRequest<unknown, unknown, { name: string }>): Responded;
declare function withUser(request: BlockingRequest & { user: { name: string } }): string;
declare function lines(request: BlockingRequest): Generator<string | Uint8Array>;

const app = fastify();
await app.register(isthmus);
await app.register(isthmus, {
  auto: true,
  strict: false,
  cleanBase: true,
  pool: { size: 2, queue: 5 },
  processes: createPool({ kind: 'process' }),
  limiters: { images: 2, disk: new Limiter(1) },
  drain: 1000,
  prefix: '/x',
});
// @ts-expect-error: no such option
await app.register(isthmus, { aut: true });
// @ts-expect-error: its kind is known
await app.register(isthmus, { pool: { kind: 'process' } });

// Routes
app.get('/plain', blocking(plain));
app.get('/anything', blocking(anything));
app.get('/hash/:pw', blocking(hash));
app.get('/shape/:pw', blocking(byShape, { timeout: 5, grace: false, limiter: 'images', priority: 2 }));
app.post('/save', { schema: { body: {} } }, blocking(save));
app.get('/lines', blocking(lines));
app.route({ method: 'GET', url: '/route', handler: blocking(anything) });
app.get<{ Params: { pw: string } }>('/typed/:pw', blocking(hash));
app.get('/user', blocking(withUser, { select: (request) => ({ user: { name: request.ip } }) }));
// @ts-expect-error: nobody selects the user
app.get('/user', blocking(withUser));
// @ts-expect-error: it has another shape
app.get('/user', blocking(withUser, { select: () => ({ user: 5 }) }));
// @ts-expect-error: the route's parameters are others
app.get<{ Params: { id: number } }>('/typed/:id', blocking(hash));
// @ts-expect-error: no function
blocking(5);
// @ts-expect-error: nowhere
blocking(plain, { where: 'cluster' });

// The route's config, and the decorator
app.get('/c', { config: { isthmus: 'thread' } }, plain);
app.get('/c', { config: { isthmus: { limiter: 'images', select: ({ id }) => ({ id }) } } }, plain);
is<ReturnType<typeof app.isthmus.metrics>, string>(true);
const health = app.isthmus.health();
is<typeof health.turn.waiting, number>(true);

// @ts-expect-error: nowhere
app.get('/c', { config: { isthmus: 'thraed' } }, plain);
// @ts-expect-error: nowhere
app.route({ method: 'GET', url: '/c', config: { isthmus: 'thraed' }, handler: plain });
// @ts-expect-error: no time
app.get('/c', { config: { isthmus: { timeout: 'x' } } }, plain);

// Type providers
interface Provider extends FastifyTypeProvider {
  validator: this['schema'] extends { type: 'string' } ? string : unknown;
}
const provided = app.withTypeProvider<Provider>();
provided.post('/p', { schema: { body: { type: 'string' } } }, blocking(anything));

// Answers
is<ReturnType<typeof respond>, Responded>(true);
respond({ status: 201, headers: { a: 'b', n: 5, list: ['a', 'b'] }, body: { any: 'thing' } });
// @ts-expect-error: no header's value
respond({ headers: { a: {} } });
const id = requestId.getStore();
is<typeof id, string | undefined>(true);
