// Two blocking drivers whose classes are alike: of Node itself, from 22 on, and of a package.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const drivers = {
  'node:sqlite': () => require('node:sqlite').DatabaseSync,
  libsql: () => require('libsql'),
};

/** The class of a database. */
export const databaseOf = (driver) => drivers[driver]();
