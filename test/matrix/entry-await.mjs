// The same as entry.mjs, for cells that stand after a top-level await.
import { Session } from './session.mjs';

const job = JSON.parse(process.argv[2]);
const isthmus = await import(job.module ?? 'isthmus');
const session = new Session(job, isthmus);
session.source.enter(session.all);
