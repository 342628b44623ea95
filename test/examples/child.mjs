import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a command to its end and gives `{ code, out, err }`; one that takes longer than `limit` ms is ended. Its input ends
 * at once, or when what it printed matches `until`.
 */
export function finish(command, args, { env = {}, input = '', until, limit = 60_000, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      shell,
      env: {
        ...process.env,
        NODE_TEST_CONTEXT: undefined,
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        ...env,
      },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      if (until?.test(out)) child.stdin.end();
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), limit);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: signal ?? code, out, err });
    });
    child.stdin.on('error', () => {});
    if (until) child.stdin.write(input);
    else child.stdin.end(input);
  });
}
