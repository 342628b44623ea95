// Runs an entry in a Worker and gets out of its way: the main thread stays idle and only hands stdin on.
import { Worker } from 'node:worker_threads';

const [entry, job] = process.argv.slice(2);
const worker = new Worker(new URL(entry, import.meta.url), { argv: [job], stdin: true, execArgv: [] });
process.stdin.pipe(worker.stdin).on('error', () => {});
worker.on('exit', (code) => process.exit(code));
