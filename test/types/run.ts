/**
 * What the types of the public face promise. A line below `@ts-expect-error` must not compile: tsc reports the
 * comment itself where it does. Nothing here is executed.
 */
import {
  type Base,
  canRun,
  currentSignal,
  type Explanation,
  explain,
  run,
  runInThread,
  type TurnStats,
  toSync,
  turn,
  type WaitOptions,
} from 'isthmus';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when `value` is typed exactly `Expected`. */
declare function exactly<Expected>(): <Actual>(
  value: Actual,
  ...verdict: Equal<Actual, Expected> extends true ? [] : [never]
) => void;

declare const word: Promise<string>;
declare const nested: Promise<Promise<number>>;
declare const thenable: PromiseLike<{ id: number }>;
declare const either: string | Promise<number>;

// The judge itself must be able to say no.
// @ts-expect-error a string is not a number
exactly<number>()(run(word));
// @ts-expect-error nor is it a union that holds it
exactly<string | number>()(run(word));
// @ts-expect-error nor unknown
exactly<unknown>()(run(word));

// A promise, a thenable, a value.
exactly<string>()(run(word));
exactly<number>()(run(nested));
exactly<{ id: number }>()(run(thenable));
exactly<string | number>()(run(either));
exactly<Date>()(run(new Date()));
exactly<number | undefined>()(run(undefined as number | undefined));
exactly<void>()(run(Promise.resolve()));

// A function that returns one of them.
exactly<string>()(run(() => word));
exactly<string>()(run(async () => 'x' as string));
exactly<number>()(run(() => nested));
exactly<{ id: number }>()(run(() => thenable));
exactly<Date>()(run(() => new Date()));
exactly<boolean>()(run((signal) => signal.aborted));
exactly<boolean>()(run(async (signal: AbortSignal) => signal.aborted));

// A generic caller keeps its type parameter.
function later<T>(work: () => Promise<T>): Awaited<T> {
  return run(work);
}
exactly<string>()(later(() => word));

function settled<T>(work: Promise<T>): Awaited<T> {
  return run(work);
}
exactly<string>()(settled(word));

// A union of work and a function that begins it.
declare const lazy: Promise<string> | (() => Promise<string>);
exactly<string>()(run(lazy));

// @ts-expect-error the result is the value, not a promise
run(word).then;

// Options.
run(word, {});
run(word, { timeout: 5 });
run(word, { signal: AbortSignal.timeout(5), timeout: 5 });
// @ts-expect-error a timeout is a number of milliseconds
run(word, { timeout: '5' });
// @ts-expect-error a signal is an AbortSignal, not its controller
run(word, { signal: new AbortController() });
// @ts-expect-error there is no such option
run(word, { timeoutMs: 5 });
// @ts-expect-error an options object, not a bare number
run(word, 5);
// @ts-expect-error there is nothing to run
run();

// run.each: the elements of an async iterable, or of an iterable of promises.
declare const pages: AsyncIterable<{ title: string }>;
declare function generate(): AsyncGenerator<number, string>;
for (const page of run.each(pages)) exactly<{ title: string }>()(page);
for (const count of run.each(generate())) exactly<number>()(count);
for (const text of run.each([word, word])) exactly<string>()(text);
for (const text of run.each(new Set(['a', word]))) exactly<string>()(text);
run.each(pages, { timeout: 5, signal: AbortSignal.timeout(5) }).return?.();
// @ts-expect-error a promise is not iterable
run.each(word);
// @ts-expect-error the same options as run has
run.each(pages, { timeout: '5' });
// @ts-expect-error a sync iterator, for for-of, not for for-await only
run.each(pages)[Symbol.asyncIterator]();

// run.using: the sync view of an async disposable.
interface Handle extends AsyncDisposable {
  read(): string;
}
declare const handle: Handle;
exactly<Handle>()(run.using(handle).value);
exactly<Handle>()(run.using(Promise.resolve(handle)).value);
exactly<void>()(run.using(handle, { timeout: 5 })[Symbol.dispose]());
{
  using file = run.using(handle);
  exactly<string>()(file.value.read());
}
// @ts-expect-error there is nothing to dispose of
run.using({ read: () => '' });
// @ts-expect-error the view is sync
run.using(handle)[Symbol.asyncDispose]();

// canRun: a union to switch on, not any string.
exactly<'loop' | 'none'>()(canRun().how);
exactly<string>()(canRun().why);
exactly<Base>()(canRun().base);
const known: Base = 'turn';
void known;
// @ts-expect-error a base is one of a list, not any string
const unknownBase: Base = 'elsewhere';
void unknownBase;
// @ts-expect-error there is no such way
canRun().how === 'thread';
// @ts-expect-error it asks about right here
canRun(word);

// turn: to be awaited, with the same options; its limits are numbers.
exactly<Promise<void>>()(turn());
exactly<Promise<void>>()(turn({ timeout: 5, signal: AbortSignal.timeout(5) } satisfies WaitOptions));
exactly<TurnStats>()(turn.stats());
turn.configure({ batch: 16 });
turn.configure({ batch: 16, line: 100 });
// @ts-expect-error there is no such limit
turn.configure({ depth: 3 });
// @ts-expect-error a limit is a number
turn.configure({ line: 'long' });
// @ts-expect-error the same options as run has
turn({ timeoutMs: 5 });
// @ts-expect-error it takes no work
turn(word);

// run.stats: what is counted is read, not written.
exactly<number>()(run.stats().depth);
for (const { site, count, totalMs, maxMs } of run.stats().held.by) {
  exactly<string>()(site);
  exactly<number>()(count + totalMs + maxMs);
}
// @ts-expect-error read only
run.stats().depth = 0;

// The service thread: parameters are kept, promises are not.
declare function fetchPage(url: string, onProgress?: (percent: number) => void): Promise<string>;
declare function plain(count: number): number[];
declare function same<T>(value: T): Promise<T>;
exactly<string>()(runInThread(fetchPage, 'url'));
exactly<string>()(runInThread(fetchPage, 'url', (percent) => percent.toFixed()));
exactly<number[]>()(runInThread(plain, 3));
exactly<string>()(runInThread.with({ timeout: 5, transfer: [new ArrayBuffer(1)] })(fetchPage, 'url'));
exactly<unknown>()(runInThread({ module: 'node:path', name: 'basename' }, '/a'));
// @ts-expect-error the parameter is a string
runInThread(fetchPage, 5);
// @ts-expect-error one is missing
runInThread(plain);
// @ts-expect-error no such option
runInThread.with({ timeOut: 5 });
exactly<AbortSignal | undefined>()(currentSignal());

exactly<string>()(toSync(fetchPage)('url', (percent) => percent.toFixed()));
exactly<number[]>()(toSync.with({ timeout: 5 })(plain)(3));
// @ts-expect-error the parameter is a string
toSync(fetchPage)(5);
exactly<string>()(toSync(same<string>)('x'));
// @ts-expect-error not a function
toSync(5);
exactly<Explanation>()(explain(fetchPage));
exactly<'loop' | 'thread' | 'none'>()(explain().path);
