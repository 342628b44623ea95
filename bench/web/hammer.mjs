/**
 * A closed loop in a process of its own: so many clients, each of which asks again when it was answered. By wrk where it is
 * installed, because it takes less of the processor from the server; else by autocannon.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const LIMIT = 60_000; // ms

/** wrk ends with a status that is not 0 when it is asked for its version. */
export const tool = spawnSync('wrk', ['--version']).error === undefined ? 'wrk' : 'autocannon';

const commands = {
  wrk: (url, clients, seconds) => [
    'wrk',
    ['-t1', `-c${clients}`, `-d${seconds}s`, '--timeout', '20s', '-s', here('report.lua'), url],
  ],
  autocannon: (url, clients, seconds) => [process.execPath, [here('autocannon.mjs'), url, clients, seconds]],
};

async function count(command, args) {
  const { stdout } = await execute(command, args.map(String), { timeout: LIMIT, killSignal: 'SIGKILL' });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

/** `{ ns, failed }`: of a request, in all. Where none was answered it is as if one had been. */
export async function hammer(url, { clients, seconds: asked }) {
  const { requests, seconds, failed } = await count(...commands[tool](url, clients, asked));
  return { ns: (seconds * 1e9) / Math.max(1, requests), failed };
}

/** The same by autocannon, with each answer compared with what was asked: `{ ns, failed, answered, mismatched }`. */
export async function hammerChecked(url, { clients, seconds: asked }) {
  const args = [here('autocannon.mjs'), url, clients, asked, 'checked'];
  const { requests, seconds, ...counts } = await count(process.execPath, args);
  return { ns: (seconds * 1e9) / Math.max(1, requests), ...counts };
}
