/** One import in a fresh process, its ms and the threads it started: node load.mjs package|nothing */
import { readdirSync } from 'node:fs';

const url = process.argv[2] === 'package' ? '../../dist/index.js' : 'data:text/javascript,export default 1';
const tasks = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : null);

const before = tasks();
const started = performance.now();
await import(url);
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, threads: before === null ? null : tasks() - before }));
