// Work for a driver's own database, by functions that are given it where it lives.

/** A transaction: nothing comes between its statements. */
export function rename(db, from, to) {
  db.exec('begin immediate');
  try {
    db.prepare('update accounts set name = ? where name = ?').run(to, from);
    db.prepare('update ledger set source = ? where source = ?').run(to, from);
    db.prepare('update ledger set target = ? where target = ?').run(to, from);
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw error;
  }
}
