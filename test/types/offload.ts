// What must compile of the calls on a pool's threads, and what must not.
import { createPool, fromThread, Limiter, type OffloadOptions, type PoolStats, toThread } from 'isthmus';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_A, _B>(_: Equal<_A, _B>): void => {};

declare function hash(password: string, rounds?: number): Buffer;
declare function later(n: number): Promise<{ n: number }>;
declare function lines(path: string): Generator<string, void, undefined>;
declare function linesLater(path: string): Promise<AsyncIterable<string>>;
declare function same<T>(value: T): T;

// Calls
const hashed = toThread(hash, 'x');
is<typeof hashed, Promise<Buffer>>(true);
is<Awaited<ReturnType<typeof bound>>, { n: number }>(true);
const bound = toThread.fn(later);
is<typeof bound, (n: number) => Promise<{ n: number }>>(true);
const generic = toThread(same, [1, 2]);
is<typeof generic, Promise<number[]>>(true);
const unknown = toThread({ module: 'file:///x.js', name: 'x' }, 1, 'two');
is<typeof unknown, Promise<unknown>>(true);
// @ts-expect-error: an argument of another type
toThread(hash, 5);
// @ts-expect-error: one too few
toThread(hash);
// @ts-expect-error: one too many
toThread(later, 1, 2);
// @ts-expect-error: no function
toThread(5);

toThread.warm(2);
is<ReturnType<typeof toThread.stats>, PoolStats>(true);
// @ts-expect-error: a shared pool is nobody's to close
toThread.close();

// Options
const options: OffloadOptions = {
  timeout: 5,
  signal: AbortSignal.abort(),
  limiter: new Limiter(2, { name: 'x' }),
  priority: 1,
  transfer: [new ArrayBuffer(1)],
  name: 'x',
  grace: false,
  onProgress: (value) => is<typeof value, unknown>(true),
  bySource: true,
};
is<ReturnType<typeof limited>, Promise<Buffer>>(true);
const limited = toThread.with(options).fn(hash);
// @ts-expect-error: no such option
toThread.with({ limit: 5 });
// @ts-expect-error: no number of milliseconds
toThread.with({ grace: true });
// @ts-expect-error: how many?
new Limiter();
const reserved: Limiter = new Limiter(2).reserve(1, { name: 'y' });
is<ReturnType<typeof reserved.stats>['reserved'], number>(true);
// @ts-expect-error: how many?
reserved.reserve();

// Iterations
for await (const line of toThread.each(lines, 'x')) is<typeof line, string>(true);
for await (const line of toThread.with({ timeout: 5 }).each(linesLater, 'x')) is<typeof line, string>(true);
for await (const { n } of toThread.map(later, [1, 2], { concurrency: 2, ordered: false }))
  is<typeof n, number>(true);
for await (const one of toThread.map(hash, new Set(['a']))) is<typeof one, Buffer>(true);
// @ts-expect-error: it gives no iterable
toThread.each(later, 5);
// @ts-expect-error: inputs of another type
toThread.map(later, ['x']);
// @ts-expect-error: no such option
toThread.map(later, [1], { concurrent: 2 });

// Pools
const pool = createPool({ kind: 'thread', size: 2, minimum: 1, idleTimeout: 5, queue: 3 });
is<ReturnType<typeof pooled>, Promise<Buffer>>(true);
const pooled = pool.with({ priority: 2 }).fn(hash);
const run = pool.run(later, 5);
is<typeof run, Promise<{ n: number }>>(true);
is<ReturnType<typeof pool.stats>['run']['p99'], number>(true);
await pool.close({ timeout: 5 });
{
  await using other = createPool();
  await other.destroy(new Error('x'));
}
// @ts-expect-error: no such option
createPool({ sizes: 2 });
// @ts-expect-error: no such method
pool.drain();

// From a thread
const asked = fromThread.run(later, 5);
is<typeof asked, { n: number }>(true);
// @ts-expect-error: an argument of another type
fromThread.run(later, 'x');
