// A script in a process of its own, in which 'isthmus' is the built package.
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What most scripts begin with. */
export const head = `
import { canRun, run, turn } from 'isthmus';
import assert from 'node:assert/strict';
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const never = () => new Promise(() => {});
const codeOf = (work) => { try { return { value: work() }; } catch (error) { return error?.code ?? error; } };
`;

/** Runs `node ...args` and answers { code, stdout, stderr, ms }; throws when it had to be killed or died of a signal. */
export async function node(
  args,
  { limit = 20_000, execPath = process.execPath, cwd = root, ...options } = {},
) {
  const done = await runChild(execPath, args, { limit, cwd, ...options });
  if (done.timedOut || done.signal) {
    const end = done.timedOut ? `did not end within ${limit} ms` : `died of ${done.signal}`;
    throw new Error(`the script ${end}: ${done.stdout}${done.stderr}`);
  }
  return done;
}

/** Runs an ES module script; answers what it printed, and throws unless it exits with 0. */
export async function play(script, options) {
  const { code, stdout, stderr } = await node(['--input-type=module', '--eval', head + script], options);
  if (code !== 0) throw new Error(`the script exited with ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** The same in a Worker of a script that does nothing else. */
export function playInWorker(script, options) {
  const source = head.replace("'isthmus'", JSON.stringify(import.meta.resolve('isthmus'))) + script;
  return play(
    `const { Worker } = await import('node:worker_threads');
    const code = 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(source)});
    new Worker(new URL(code)).on('error', (error) => { console.error(error); process.exitCode = 1; });`,
    options,
  );
}

/** Both places, for tests that hold in each. */
export const places = { 'the main thread': play, 'a Worker': playInWorker };
