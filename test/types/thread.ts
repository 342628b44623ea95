// What must compile of the calls on the service thread, and what must not.
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { carry, registerClass, runInThread, type SyncFace, syncFace } from 'isthmus';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <_A, _B>(_: Equal<_A, _B>): void => {};

declare function fetchPage(url: string, limit?: number): Promise<{ body: string }>;
declare function lines(path: string): AsyncGenerator<string, void, undefined>;
declare function linesLater(path: string): Promise<AsyncIterable<string>>;
declare class Database {
  constructor(name: string, options?: { readonly readonly: boolean });
  readonly name: string;
  query(sql: string): Promise<{ rows: number[] }>;
  rows(): AsyncGenerator<{ id: number }, void, undefined>;
}
declare abstract class Base {
  run(): Promise<void>;
}
declare function createClient(base: string): Promise<{ get(path: string): Promise<string> }>;

// Calls
const page = runInThread(fetchPage, 'x');
is<typeof page, { body: string }>(true);
// @ts-expect-error: an argument of another type
runInThread(fetchPage, 5);
// @ts-expect-error: one too few
runInThread(fetchPage);
const unknown = runInThread({ module: 'file:///x.js', name: 'x' }, 1, 'two');
is<typeof unknown, unknown>(true);
runInThread.with({ timeout: 5, signal: AbortSignal.abort(), transfer: [], bySource: true })(
  fetchPage,
  'x',
  3,
);
// @ts-expect-error: no such option
runInThread.with({ limit: 5 });

// Iterations
const each = runInThread.each(lines, 'x');
is<typeof each, IterableIterator<string> & Disposable>(true);
for (const line of runInThread.with({ timeout: 5 }).each(linesLater, 'x')) is<typeof line, string>(true);
// @ts-expect-error: it gives no iterable
runInThread.each(fetchPage, 'x');
// @ts-expect-error: an argument of another type
runInThread.each(lines, 5);

// Faces
const db = syncFace.inThread(Database, 'app.db', { readonly: true });
is<ReturnType<typeof db.query>, { rows: number[] }>(true);
is<typeof db.name, string>(true);
for (const row of db.rows()) is<typeof row, { id: number }>(true);
db[Symbol.dispose]();
// @ts-expect-error: the constructor takes a string
syncFace.inThread(Database, 5);
const client = syncFace.with({ timeout: 5 }).inThread(createClient, 'http://a');
is<ReturnType<typeof client.get>, string>(true);
// @ts-expect-error: no argument
syncFace.inThread(createClient);
// A face among the arguments, where the object itself is taken
declare class Session {
  constructor(db: Database, done?: (db: Database) => void);
  id(): Promise<number>;
}
declare function openSession(db: Database, name: string): Promise<Session>;
const session = syncFace.inThread(Session, db, (mine) => is<typeof mine, SyncFace<Database>>(true));
is<ReturnType<typeof session.id>, number>(true);
is<ReturnType<ReturnType<typeof makeSession>['id']>, number>(true);
const makeSession = () => syncFace.inThread(openSession, db, 'x');
// @ts-expect-error: no database
syncFace.inThread(Session, { id: 5 });
// @ts-expect-error: no database
syncFace.inThread(openSession, { id: 5 }, 'x');
const released = syncFace.release(db);
is<typeof released, boolean>(true);
// @ts-expect-error: a primitive
syncFace.inThread(5);
syncFace(Base);

// Emitters, typed and not
declare class Retrying extends EventEmitter<{ retry: [n: number, error: Error]; done: [] }> {
  get(path: string): Promise<string>;
}
declare class Plain extends EventEmitter {}
const retrying = syncFace.inThread(Retrying);
retrying.on('retry', (n: number, error: Error) => void [n, error]).once('done', () => {});
retrying.off('retry', (n) => is<typeof n, unknown>(true));
is<ReturnType<typeof retrying.get>, string>(true);
syncFace.inThread(Plain).on('x', (value: string) => void value);
declare const live: Retrying;
syncFace(live).on('retry', (n: number) => void n);
// @ts-expect-error: no listener
retrying.on('retry', 5);

// Classes and stores
class Money {
  constructor(readonly amount: number) {}
}
registerClass(Money, {
  name: 'Money',
  encode: (money) => money.amount,
  decode: (amount) => new Money(amount),
});
// @ts-expect-error: decode gives something else
registerClass(Money, { decode: () => 5 });
// @ts-expect-error: no class
registerClass({});
const store = carry('id', new AsyncLocalStorage<string>());
is<typeof store, AsyncLocalStorage<string>>(true);
// @ts-expect-error: no store
carry('id', {});
