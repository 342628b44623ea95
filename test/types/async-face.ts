// What must compile of asyncFace, and what must not.
import { type AsyncFace, asyncFace, type SyncFace, type ThreadFace } from 'isthmus';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_A, _B>(_: Equal<_A, _B>): void => {};

interface Data {
  id: number;
  tags: string[];
  at: Date;
}
declare class Statement {
  run(...values: (number | string)[]): { changes: number };
  all(): Data[];
  iterate(): IterableIterator<Data>;
  values(): Generator<number, string, boolean>;
}
/** As of better-sqlite3 and libsql: what is prepared depends on a type parameter. */
interface Prepared<P extends unknown[], R = unknown> {
  readonly source: string;
  run(...values: P): { changes: number };
  all(...values: P): R[];
  iterate(...values: P): IterableIterator<R>;
  bind(...values: P): this;
}
// biome-ignore lint/complexity/noBannedTypes: as it is written there
type Parameters = unknown[] | {};
declare class Driver {
  constructor(path: string);
  prepare<P extends Parameters = unknown[], R = unknown>(
    sql: string,
  ): P extends unknown[] ? Prepared<P, R> : Prepared<[P], R>;
  find<P extends Parameters = unknown[]>(
    sql: string,
  ): (P extends unknown[] ? Prepared<P> : Prepared<[P]>) | undefined;
  shape(): { kind: 'a'; a: number } | { kind: 'b'; b: string };
  either(): Statement | Driver;
  toJSON(): string;
}
declare class Database {
  constructor(path: string, options?: { readonly readOnly?: boolean });
  readonly isOpen: boolean;
  limits: Data;
  last: Statement | undefined;
  exec(sql: string): void;
  prepare(sql: string): Statement;
  prepare(sql: string, cached: boolean): Statement | undefined;
  statements(): Statement[];
  page(): { rows: Statement[]; total: number };
  later(): Promise<Statement>;
  use(statement: Statement, others: Statement[]): boolean;
  function(name: string, fn: (value: number) => number): void;
  transaction<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void;
  close?(): void;
  [Symbol.iterator](): Iterator<Data>;
  [Symbol.dispose](): void;
}
declare function open(path: string): Promise<Database>;
declare function pay(db: Database, from: string, amount: number): Data;
declare function rowsOf(db: Database): IterableIterator<Data>;
declare function double(value: number): number;

const db = await asyncFace(Database, 'app.db', { readOnly: true });
is<typeof db, ThreadFace<Database> & AsyncDisposable>(true);
// @ts-expect-error: the constructor takes a string
asyncFace(Database, 5);
// @ts-expect-error: one too few
asyncFace(Database);
const opened = await asyncFace(open, 'app.db');
is<typeof opened, ThreadFace<Database> & AsyncDisposable>(true);
const written = await asyncFace<Database>({ module: 'node:sqlite', name: 'DatabaseSync' }, 'app.db');
is<typeof written, ThreadFace<Database> & AsyncDisposable>(true);

// Properties
is<typeof db.isOpen, Promise<boolean>>(true);
is<typeof db.limits, Promise<Data>>(true);
is<typeof db.last, Promise<ThreadFace<Statement> | undefined>>(true);
// @ts-expect-error: an assignment could not be waited for
db.limits = { id: 1, tags: [], at: new Date() };
is<ReturnType<typeof asyncFace.set>, Promise<void>>(true);
await asyncFace.set(db, 'limits', { id: 1, tags: [], at: new Date() });
await asyncFace.set(db, 'last', undefined);
await asyncFace.set(db, 'last', await db.prepare('select 1'));
await asyncFace.set(db, 'function', double);
// @ts-expect-error: no such property
asyncFace.set(db, 'nothing', 1);
// @ts-expect-error: a value of another type
asyncFace.set(db, 'limits', 5);
// @ts-expect-error: it was not awaited
asyncFace.set(db, 'last', db.prepare('select 1'));

// Methods
is<ReturnType<typeof db.exec>, Promise<void>>(true);
const statement = await db.prepare('select 1');
is<typeof statement, ThreadFace<Statement>>(true);
const cached = await db.prepare('select 1', true);
is<typeof cached, ThreadFace<Statement> | undefined>(true);
is<Awaited<ReturnType<typeof db.statements>>, ThreadFace<Statement>[]>(true);
const page = await db.page();
is<typeof page.total, number>(true);
is<typeof page.rows, ThreadFace<Statement>[]>(true);
is<Awaited<ReturnType<typeof db.later>>, ThreadFace<Statement>>(true);
const { changes } = await statement.run(1, 'a');
is<typeof changes, number>(true);
const rows = await statement.all();
is<typeof rows, Data[]>(true);
// @ts-expect-error: it may not be there
db.close();
await db.close?.();

// Iterators
for await (const row of statement.iterate()) is<typeof row, Data>(true);
const values = statement.values();
is<typeof values, AsyncGenerator<number, string, boolean>>(true);
// @ts-expect-error: it is no sync iterable
for (const row of statement.iterate()) console.log(row);
for await (const row of db) is<typeof row, Data>(true);

// Generic methods
const driver = await asyncFace(Driver, 'app.db');
const prepared = await driver.prepare('select 1');
is<Awaited<ReturnType<typeof prepared.all>>, unknown[]>(true);
await prepared.all();
await prepared.run(1, 2);
await (await prepared.bind(1)).all();
is<typeof prepared.source, Promise<string>>(true);
for await (const row of prepared.iterate(1, 2)) is<typeof row, unknown>(true);
const found = await driver.find('select 1');
// @ts-expect-error: it may be undefined
found.all();
await found?.run(1, 2);
is<Awaited<ReturnType<typeof driver.shape>>, { kind: 'a'; a: number } | { kind: 'b'; b: string }>(true);
is<Awaited<ReturnType<typeof driver.either>>, ThreadFace<Statement> | ThreadFace<Driver>>(true);
is<'toJSON' extends keyof typeof driver ? true : false, false>(true);

// Arguments
is<ReturnType<typeof db.use>, Promise<boolean>>(true);
await db.use(statement, [statement]);
await db.function('double', double);
// @ts-expect-error: another type
await db.use(5, []);

// With options, and functions of a module
const limited = asyncFace.with({ timeout: 5, signal: AbortSignal.abort(), grace: 10, name: 'db', queue: 5 });
is<Awaited<ReturnType<typeof open>>, Database>(true);
await limited(Database, 'app.db');
const view = asyncFace.with({ timeout: 5 }).on(db);
is<typeof view, typeof db>(true);
const paid = asyncFace.run(db, pay, 'ada', 10);
is<typeof paid, Promise<Data>>(true);
for await (const row of asyncFace.run(db, rowsOf)) is<typeof row, Data>(true);
// @ts-expect-error: an argument of another type
asyncFace.run(db, pay, 'ada', 'ten');
// @ts-expect-error: no such option
asyncFace.with({ limit: 5 });
// @ts-expect-error: what is not made with options has none
asyncFace.on(db);

// Its end
await db[Symbol.asyncDispose]();
is<typeof Symbol.dispose extends keyof typeof db ? true : false, false>(true);

// The ways back
type Back = SyncFace<ThreadFace<Database>>;
is<Back['isOpen'], boolean>(true);
is<ReturnType<Back['exec']>, void>(true);
is<ReturnType<Back['page']>['total'], number>(true);
is<AsyncFace<Database>['isOpen'], boolean>(true);
