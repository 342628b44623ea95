// Accounts and their ledger: plain sync code, which knows nothing of threads. Each method is one whole piece of work.
import { databaseOf } from './drivers.mjs';

export class InsufficientFunds extends Error {
  constructor(name, balance) {
    super(`${name} has ${balance}`);
    this.code = 'E_FUNDS';
    this.balance = balance;
  }
}

export class Store {
  #db;
  /** Rows of the ledger that were read. */
  read = 0;

  constructor(file, driver) {
    const Database = databaseOf(driver);
    this.#db = new Database(file);
    this.#db.exec(`
      create table if not exists accounts (name text primary key, balance integer not null);
      create table if not exists ledger (id integer primary key, source text, target text, amount integer);
    `);
  }

  #transaction(work) {
    this.#db.exec('begin immediate');
    try {
      const value = work();
      this.#db.exec('commit');
      return value;
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }

  open(balances) {
    const insert = this.#db.prepare('insert into accounts values (?, ?)');
    this.#transaction(() => {
      for (const [name, balance] of Object.entries(balances)) insert.run(name, balance);
    });
  }

  balance(name) {
    return this.#db.prepare('select balance from accounts where name = ?').get(name).balance;
  }

  total() {
    return this.#db.prepare('select sum(balance) as total from accounts').get().total;
  }

  /** All of it or nothing. */
  transfer(from, to, amount) {
    return this.#transaction(() => {
      const add = this.#db.prepare('update accounts set balance = balance + ? where name = ?');
      add.run(amount, to);
      add.run(-amount, from);
      const balance = this.balance(from);
      if (balance < 0) throw new InsufficientFunds(from, balance + amount);
      const note = this.#db.prepare('insert into ledger (source, target, amount) values (?, ?, ?)');
      note.run(from, to, amount);
      return balance;
    });
  }

  /** So many transfers of 1 to and fro, in one transaction: this blocks for a while. */
  exercise(a, b, times) {
    const note = this.#db.prepare('insert into ledger (source, target, amount) values (?, ?, 1)');
    this.#transaction(() => {
      for (let i = 0; i < times; i++) note.run(i % 2 === 0 ? a : b, i % 2 === 0 ? b : a);
    });
  }

  *entries() {
    for (const row of this.#db.prepare('select * from ledger order by id').iterate()) {
      this.read++;
      yield row;
    }
  }

  [Symbol.dispose]() {
    this.#db.close();
  }
}
