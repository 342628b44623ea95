// The main script of a matrix process or Worker: node entry.mjs '{"source":"timer","awaited":["idle"]}'
import { createRequire } from 'node:module';
import { Session } from './session.mjs';

const job = JSON.parse(process.argv[2]);
// require, so that the module under test can be named at run time without an await before the cells.
const isthmus = createRequire(import.meta.url)(job.module ?? 'isthmus');
const session = new Session(job, isthmus);

if (session.source.enter) session.source.enter(session.all);
else session.each();
