// What must compile of the other adapters, with the frameworks' own types, and what must not.
import { createServer } from 'node:http';
import { metrics as api } from '@opentelemetry/api';
import express from 'express';
import { Hono } from 'hono';
import { createPool, Limiter } from 'isthmus';
import { type BlockingRequest, blocking as onExpress } from 'isthmus/express';
import { addMetrics, addToMeter, type Health, health, type metrics } from 'isthmus/health';
import { type BlockingContext, blocking as onHono } from 'isthmus/hono';
import { onCleanBase } from 'isthmus/http';
import client from 'prom-client';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_A, _B>(_: Equal<_A, _B>): void => {};

const pool = createPool();

// Express
declare function hash(request: BlockingRequest<{ pw: string }>): string;
declare function withUser(request: BlockingRequest & { user: string }): string;
const app = express();
app.get('/hash/:pw', onExpress(hash, { pool }));
app.get('/hash/:pw', express.json(), onExpress(hash));
app.get('/user', onExpress(withUser, { select: ({ ip }) => ({ user: ip ?? '' }) }));
app.get('/hash/:pw', onExpress({ module: import.meta.url, name: 'hash' }, { pool }));
// @ts-expect-error: nobody selects the user
app.get('/user', onExpress(withUser));
// @ts-expect-error: no such option
app.get('/hash/:pw', onExpress(hash, { pol: pool }));

// Hono
declare function standard(request: Request, context: BlockingContext<{ pw: string }>): Response;
declare function later(request: Request): Promise<Response>;
declare function selected(request: Request, context: BlockingContext & { user: string }): Response;
declare function ofNumbers(request: number): number;
const hono = new Hono();
hono.get('/hash/:pw', onHono(standard, { pool }));
hono.get('/later', onHono(later));
hono.get('/user', onHono(selected, { select: (c) => ({ user: c.req.path }) }));
hono.get('/written', onHono({ module: import.meta.url, name: 'later' }));
// @ts-expect-error: nobody selects the user
hono.get('/user', onHono(selected));
// @ts-expect-error: it takes a Request
hono.get('/', onHono(ofNumbers));

// node:http
createServer(onCleanBase((request, response) => response.end(request.url)));
createServer(onCleanBase(app));
// @ts-expect-error: no listener
onCleanBase(5);

// Health
is<ReturnType<typeof health>, Health>(true);
health({ pools: { images: pool }, limiters: { disk: new Limiter(1) } });
is<ReturnType<typeof metrics>, string>(true);
addMetrics(client);
addMetrics(client, { pools: { images: pool } }, [client.register, new client.Registry()]);
// @ts-expect-error: no registry
addMetrics(client, {}, [5]);
// @ts-expect-error: not the package
addMetrics({ Gauge: client.Gauge });
is<ReturnType<typeof addToMeter>, () => void>(true);
addToMeter(api.getMeter('x'), { pools: { images: pool } });
// @ts-expect-error: no meter
addToMeter(api);
// @ts-expect-error: no pool
health({ pools: { images: 5 } });
