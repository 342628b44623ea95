/**
 * Poolifier's worker, on a thread or in a process: a task is one value. No ES module, because a process of Node 20 is
 * still loading one when the pool greets it, does not hear that, and then the pool waits for ever.
 */
const { isMainThread } = require('node:worker_threads');
const { ClusterWorker, ThreadWorker } = require('poolifier');
const { add, echo } = require('./functions.mjs');

const Kind = isMainThread ? ClusterWorker : ThreadWorker;
module.exports = new Kind({ add: ([a, b]) => add(a, b), echo });
