// The same as entry.mjs, for cells that stand in a CommonJS main script.
const { Session } = require('./session.mjs');

const job = JSON.parse(process.argv[2]);
const isthmus = require(job.module ?? 'isthmus');
const session = new Session(job, isthmus);
session.source.enter(session.all);
