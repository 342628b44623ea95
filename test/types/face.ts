/**
 * What the types of faces promise. A line below `@ts-expect-error` must not compile: tsc reports the comment itself
 * where it does. Nothing here is executed.
 */
import { EventEmitter } from 'node:events';
import * as fsPromises from 'node:fs/promises';
import type { Socket } from 'node:net';
import { type AsyncFace, type SyncFace, syncFace } from 'isthmus';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only when `value` is typed exactly `Expected`. */
declare function exactly<Expected>(): <Actual>(
  value: Actual,
  ...verdict: Equal<Actual, Expected> extends true ? [] : [never]
) => void;

/** Compiles only when both types are exactly the same. */
declare function same<A, B>(...verdict: Equal<A, B> extends true ? [] : [never]): void;

type Any = ReturnType<typeof JSON.parse>;

declare class Tx {
  private readonly secret: number;
  readonly id: number;
  query(sql: string, ...values: number[]): Promise<Row[]>;
}
interface Row {
  id: number;
  readonly name: string;
  at?: Date;
  tags: string[];
  next: Row | null;
}
interface Options {
  timeout?: number;
  tx?: Tx;
  onRow?: (row: Row, tx: Tx) => void;
}
declare class Db extends EventEmitter {
  private readonly secret: string;
  constructor(url: string, tx?: Tx);
  static open(url: string): Promise<Db>;
  static readonly version: Promise<string>;
  readonly url: string;
  main: Tx;
  optional?: Tx;
  ready: Promise<number>;
  thenable: PromiseLike<Tx>;
  parts: Promise<Tx>[];
  pair: [tx: Tx, count?: Promise<number>];
  get size(): Promise<number>;
  one(sql: string): Promise<Row | undefined>;
  some(limit?: number): Promise<Tx[]>;
  nested(): Promise<{ tx: Tx; more: { work: Promise<Tx> } }>;
  plain(a: string, b?: number): boolean;
  use(tx: Tx): Tx;
  useAll(txs: readonly Tx[]): void;
  make(Class: typeof Tx): Promise<Tx>;
  transaction(work: (tx: Tx, depth?: number) => Promise<number>): Promise<number>;
  callback(done: (error: Error | null, tx?: Tx) => void): void;
  watch(listener: (this: Db, row: Row) => void): this;
  configure(options: Options): Promise<void>;
  generic<T extends { id: number }>(key: string): Promise<T>;
  over(a: string): Promise<string>;
  over(a: number, b?: boolean): Promise<number>;
  over(a: Tx): Promise<Tx>;
  rows(sql: string): AsyncGenerator<Tx, string, boolean>;
  iterate(): AsyncIterableIterator<Row>;
  stream(): AsyncIterable<Tx>;
  helper(this: Db, n: number): Promise<number>;
  any(): Promise<Any>;
  [Symbol.asyncIterator](): AsyncIterator<Tx>;
  [Symbol.asyncDispose](): Promise<void>;
}
declare const real: Db;
declare const realTx: Tx;
const db = syncFace(real);
const Face = syncFace(Db);
type Face = SyncFace<Db>;
type FaceTx = SyncFace<Tx>;
same<typeof db, Face>();

// The judge itself must be able to say no.
// @ts-expect-error a face is not its target
same<Face, Db>();
// @ts-expect-error nor anything
exactly<unknown>()(db.ready);

// Properties: promises are their values, at any depth.
exactly<number>()(db.ready);
exactly<number>()(db.size);
exactly<FaceTx>()(db.thenable);
exactly<FaceTx>()(db.main);
exactly<FaceTx[]>()(db.parts);
exactly<[tx: FaceTx, count?: number]>()(db.pair);
exactly<string>()(db.url);
exactly<FaceTx | undefined>()(db.optional);
// @ts-expect-error read only, as on the target
db.url = 'x';
db.main = db.use(db.main);
// @ts-expect-error no promise is left
db.ready.then;

// Methods: parameters stay, also optional and rest ones.
exactly<Row | undefined>()(db.one('x'));
exactly<FaceTx[]>()(db.some());
exactly<Row[]>()(db.main.query('x', 1, 2));
exactly<boolean>()(db.plain('x'));
same<typeof db.plain, (a: string, b?: number) => boolean>();
exactly<FaceTx>()(db.nested().more.work);
// @ts-expect-error the parameter is a string
db.one(5);
// @ts-expect-error one is missing
db.plain();
// @ts-expect-error a rest parameter has a type
db.main.query('x', 'y');
// @ts-expect-error no such method
db.two();
// @ts-expect-error a face is not awaited
db.one('x').then;

// A parameter takes the object and its face, alone and in a list.
db.use(db.main);
db.use(realTx);
db.useAll([db.main, realTx]);
exactly<FaceTx>()(db.make(Tx));
exactly<FaceTx>()(db.make(syncFace(Tx)));
// @ts-expect-error but nothing else
db.use({ id: 5 });

// Overloads, in their order.
exactly<string>()(db.over('x'));
exactly<number>()(db.over(5, true));
exactly<FaceTx>()(db.over(db.main));
// @ts-expect-error none takes this
db.over(true);
declare const socket: SyncFace<Socket>;
socket.on('data', (data) => data.toString()).on('lookup', (_error, address) => address.trim());

// Callbacks get faces, and may give their value or a promise of it.
exactly<number>()(
  db.transaction((tx, depth) => {
    exactly<FaceTx>()(tx);
    exactly<number | undefined>()(depth);
    return tx.query('x').length;
  }),
);
db.transaction(async (tx) => tx.query('x').length);
db.callback((error, tx) => {
  exactly<Error | null>()(error);
  exactly<FaceTx | undefined>()(tx);
});
db.watch(function (row) {
  exactly<Face>()(this);
  exactly<Row>()(row);
}).watch(() => {});
db.configure({
  timeout: 5,
  tx: db.main,
  onRow(row, tx) {
    exactly<Row>()(row);
    exactly<FaceTx>()(tx);
  },
});
db.configure({ tx: realTx });
db.on('x', (...args) => args).off('x', () => {});
// @ts-expect-error it has to give a number
db.transaction(() => 'x');
// @ts-expect-error the callback's tx is the face, which is not awaited
db.transaction(async (tx) => tx.query('x').then((rows: Row[]) => rows.length));

// `this` is the face.
exactly<Face>()(db.watch(() => {}));
exactly<number>()(db.helper(5));
// @ts-expect-error no other object
db.helper.call({}, 5);

// Iterables.
for (const tx of db) exactly<FaceTx>()(tx);
for (const tx of db.stream()) exactly<FaceTx>()(tx);
for (const row of db.iterate()) exactly<Row>()(row);
exactly<Generator<FaceTx, string, boolean>>()(db.rows('x'));
exactly<Generator<Row, unknown, unknown>>()({} as SyncFace<AsyncGenerator<Row, unknown, unknown>>);
exactly<Iterable<FaceTx>>()(db.stream());
exactly<Iterator<number, string, undefined>>()({} as SyncFace<AsyncIterator<number, string, undefined>>);
exactly<FaceTx | undefined>()(db[Symbol.iterator]().next().value as FaceTx | undefined);
// @ts-expect-error sync, not async
db[Symbol.asyncIterator];

// Disposal.
exactly<void>()(db[Symbol.dispose]());
// @ts-expect-error sync, not async
db[Symbol.asyncDispose];
{
  using opened = Face.open('x');
  exactly<Face>()(opened);
}
{
  using file = syncFace(fsPromises).open('x');
  exactly<string>()(file.readFile('utf8'));
  exactly<number>()(file.fd);
}
interface Both extends Iterable<number>, AsyncIterable<string>, Disposable, AsyncDisposable {}
for (const value of {} as SyncFace<Both>) exactly<number>()(value);
exactly<void>()(({} as SyncFace<Both>)[Symbol.dispose]());

// Classes.
exactly<Face>()(new Face('x', db.main));
exactly<string>()(Face.version);
if (({} as unknown) instanceof Face) exactly<Face>()(new Face('x'));
// @ts-expect-error the constructor's parameters too
new Face(5);
abstract class Base {
  abstract later(): Promise<number>;
}
exactly<number>()(new ({} as SyncFace<typeof Base>)().later());

// Functions and modules.
exactly<string>()(syncFace(async (word: string) => word)('x'));
exactly<string>()(syncFace(fsPromises).readFile('x', 'utf8'));
exactly<unknown>()(syncFace(fetch)('x', { method: 'POST' }).json());
for (const entry of syncFace(fsPromises).opendir('x')) entry.name.trim();
declare function tagged(words: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
declare namespace tagged {
  function begin(): Promise<Tx>;
}
exactly<Row[]>()(syncFace(tagged)`select ${1}`);
exactly<FaceTx>()(syncFace(tagged).begin());

// What is lost: a generic method's type parameter is its constraint.
exactly<{ id: number }>()(db.generic('x'));
// @ts-expect-error it takes no type argument
db.generic<Row>('x');

// Plain data is what it was.
same<SyncFace<Row>, Row>();
same<SyncFace<Row[]>, Row[]>();
same<SyncFace<readonly [a: number, b?: string]>, readonly [a: number, b?: string]>();
same<
  SyncFace<string | number | boolean | bigint | symbol | null | undefined>,
  string | number | boolean | bigint | symbol | null | undefined
>();
same<SyncFace<Date | RegExp | URL | URLSearchParams>, Date | RegExp | URL | URLSearchParams>();
same<SyncFace<Error>, Error>();
same<SyncFace<RangeError | AggregateError>, RangeError | AggregateError>();
same<SyncFace<Map<string, Tx> | Set<Tx>>, Map<string, Tx> | Set<Tx>>();
same<SyncFace<ReadonlyMap<string, Tx>>, ReadonlyMap<string, Tx>>();
same<SyncFace<Buffer | Uint8Array | DataView>, Buffer | Uint8Array | DataView>();
same<SyncFace<ArrayBuffer | SharedArrayBuffer>, ArrayBuffer | SharedArrayBuffer>();
same<SyncFace<AbortSignal | Headers>, AbortSignal | Headers>();
same<SyncFace<Record<string, number>>, Record<string, number>>();
same<SyncFace<unknown>, unknown>();
same<SyncFace<never>, never>();
same<SyncFace<void>, void>();
same<SyncFace<object>, object>();
same<SyncFace<Any>, Any>();
exactly<Any>()(db.any());
// A class of the user's is no Error for having a name and a message, and no Map for being one with more.
declare class Message {
  name: string;
  message: string;
  send(): Promise<number>;
}
exactly<number>()(({} as SyncFace<Message>).send());
declare class Registry extends Map<string, number> {
  load(): Promise<number>;
}
exactly<number>()(({} as SyncFace<Registry>).load());

// Promises of promises, and what is generic at the call.
same<SyncFace<Promise<Promise<Tx> | number>>, FaceTx | number>();
function report<T extends { id: number }>(face: SyncFace<{ load(): Promise<T> }>): SyncFace<T> {
  return face.load();
}
exactly<Row>()(report<Row>({ load: () => ({}) as Row }));

// Ways in and back.
exactly<Db | undefined>()(syncFace.target<Db>(db));
exactly<unknown>()(syncFace.target(5));
exactly<Face>()(syncFace.with({ timeout: 5, signal: AbortSignal.timeout(5) })(real));
exactly<Face>()(syncFace(Db).open('x'));
// @ts-expect-error no primitive
syncFace(5);
// @ts-expect-error no promise
syncFace(Promise.resolve(real));
// @ts-expect-error no such option
syncFace.with({ timeOut: 5 });
// @ts-expect-error the target of another face
syncFace.target<Tx>(db);

// Faces can be exported by a package that emits declarations.
export const exported = syncFace(new Db('x'));
export const exportedClass = syncFace(Db);
export const exportedUsing = exported.transaction;

// AsyncFace: the way back.
interface Store {
  readonly name: string;
  limit?: number;
  get(key: string): Row | undefined;
  put(key: string, row: Row, ...tags: string[]): void;
  over(a: string): string;
  over(a: number): number;
  scan(prefix: string): Generator<Row, string, boolean>;
  each(visit: (row: Row) => boolean): void;
  inner(): Store;
  [Symbol.iterator](): Iterator<Row>;
  [Symbol.dispose](): void;
}
interface AsyncStore {
  readonly name: string;
  limit?: number;
  get(key: string): Promise<Row | undefined>;
  put(key: string, row: Row, ...tags: string[]): Promise<void>;
  over(a: string): Promise<string>;
  over(a: number): Promise<number>;
  scan(prefix: string): AsyncGenerator<Row, string, boolean>;
  each(visit: (row: Row) => boolean | Promise<boolean>): Promise<void>;
  inner(): Promise<AsyncStore>;
  [Symbol.asyncIterator](): AsyncIterator<Row>;
  [Symbol.asyncDispose](): Promise<void>;
}
declare const store: Store;
declare const asyncStore: AsyncStore;
declare const asAsync: AsyncFace<Store>;
declare const asSync: SyncFace<AsyncStore>;
asAsync satisfies AsyncStore;
asyncStore satisfies AsyncFace<Store>;
asSync satisfies Store;
({}) as SyncFace<AsyncFace<Store>> satisfies Store;
({}) as AsyncFace<SyncFace<AsyncStore>> satisfies AsyncStore;
asyncStore satisfies AsyncFace<SyncFace<AsyncStore>>;
exactly<Promise<Row | undefined>>()(asAsync.get('x'));
asAsync.each(async (row) => row.id > 0).then();
asAsync.each((row) => row.id > 0).then();
exactly<Promise<string>>()(asAsync.over('x'));
exactly<Promise<number>>()(asAsync.over(5));
exactly<AsyncGenerator<Row, string, boolean>>()(asAsync.scan('x'));
same<AsyncFace<Row>, Row>();
same<AsyncFace<Iterable<Row>>, AsyncIterable<Row>>();
same<AsyncFace<() => Row[]>, () => Promise<Row[]>>();
same<AsyncFace<() => Map<string, number>>, () => Promise<Map<string, number>>>();
same<AsyncFace<() => Promise<number>>, () => Promise<number>>();
exactly<Promise<string>>()(new ({} as AsyncFace<new (a: number) => { name(): string }>)(5).name());
// @ts-expect-error its methods are promised
asAsync satisfies Store;
// @ts-expect-error and a sync one does not promise
store satisfies AsyncFace<Store>;
// @ts-expect-error async, not sync
asAsync[Symbol.iterator];
// @ts-expect-error async, not sync
asAsync[Symbol.dispose];
