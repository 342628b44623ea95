// node examples/sqlite/main.mjs [node:sqlite|libsql] [rows]: a blocking database in async code, on a thread of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncFace } from 'isthmus';
import { databaseOf } from './drivers.mjs';
import { rename } from './statements.mjs';
import { InsufficientFunds, Store } from './store.mjs';

const [driver = isBuiltin('node:sqlite') ? 'node:sqlite' : 'libsql', rows = '50000'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'isthmus-sqlite-'));
const file = join(folder, 'app.db');
const say = (what, value) => console.log(JSON.stringify({ what, value }));

/** How often the event loop turns while `work` is waited for. */
async function turnsDuring(work) {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  return turns;
}

// A class of one's own, whose methods are whole transactions.
// With `await using store = ...` the last line of this block is not needed.
const store = await asyncFace(Store, file, driver);
try {
  await store.open({ ada: 100, bob: 0 });
  say('the loop goes on', (await turnsDuring(store.exercise('ada', 'bob', Number(rows)))) > 0);

  // At once, from wherever: they are made one after the other.
  const paid = await Promise.all(Array.from({ length: 10 }, () => store.transfer('ada', 'bob', 9)));
  say('balances', paid);
  const refused = await store.transfer('ada', 'bob', 11).catch((error) => error);
  say('refused', [refused instanceof InsufficientFunds, refused.message, refused.code]);
  say('rolled back', [await store.balance('ada'), await store.balance('bob'), await store.total()]);

  // Rows come as they are asked for, a few ahead; other calls come between them.
  let seen = 0;
  for await (const { id } of store.entries()) {
    if (id % 50 === 0) await store.balance('ada');
    if (++seen === 100) break;
  }
  say('few were read', (await store.read) < 120);
  let sum = 0;
  for await (const { amount } of store.entries()) sum += amount;
  say('sum of the ledger', sum);
} finally {
  await store[Symbol.asyncDispose]();
}

// The driver's own class: its statements are faces too, and a function of a module is a transaction.
const db = await asyncFace(databaseOf(driver), file);
try {
  await asyncFace.run(db, rename, 'ada', 'eve');
  const count = await db.prepare('select count(*) as n from ledger where source = ?');
  say('renamed', [(await count.get('ada')).n, (await count.get('eve')).n]);
} finally {
  await db[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}
