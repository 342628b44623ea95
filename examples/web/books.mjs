// A query of SQLite, by a sync driver: of Node itself, or libsql where Node has none. Each worker has a connection of its own.
import { createRequire, isBuiltin } from 'node:module';

const require = createRequire(import.meta.url);
let open;

/** Opened by the first query: the server's own thread imports this module too, and asks nothing. */
function database() {
  if (open !== undefined) return open;
  const Database = isBuiltin('node:sqlite') ? require('node:sqlite').DatabaseSync : require('libsql');
  open = new Database(':memory:');
  open.exec(`
    create table books (id integer primary key, author text not null, pages integer not null);
    insert into books
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
      select i, 'author ' || (i % 100), i % 997 from n;
  `);
  return open;
}

export function author({ params }) {
  const query = 'select count(*) as books, sum(pages) as pages from books where author = ?';
  // A driver may put more into a row than was asked for.
  const { books, pages } = database().prepare(query).get(`author ${params.id}`);
  return { books, pages };
}
