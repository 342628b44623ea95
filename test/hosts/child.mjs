// One child process with a time limit. It leads a group of its own, so that the processes that it started in
// turn (a runner's forks, a kernel) end with it and nothing else does.
import { spawn } from 'node:child_process';

const inherited = ['NODE_TEST_CONTEXT', 'NODE_OPTIONS', 'NODE_V8_COVERAGE', 'FORCE_COLOR', 'NODE_CHANNEL_FD'];

export function cleanEnv(more = {}) {
  const env = { ...process.env, NO_COLOR: '1', ...more };
  for (const name of inherited) delete env[name];
  return env;
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Starts `command`; `started(child)` may drive it. Resolves to { code, signal, stdout, stderr, timedOut, ms }. */
export function runChild(command, args, { limit, env, cwd, started } = {}) {
  const began = performance.now();
  const child = spawn(command, args, { cwd, env: cleanEnv(env), detached: true, stdio: 'pipe' });
  const out = { stdout: '', stderr: '', timedOut: false };
  child.stdout.setEncoding('utf8').on('data', (text) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (out.stderr += text));
  child.stdin.on('error', () => {});
  const timer = setTimeout(() => {
    out.timedOut = true;
    killGroup(child);
  }, limit);
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...out, code, signal, ms: performance.now() - began }));
  }).finally(() => {
    clearTimeout(timer);
    killGroup(child);
  });
  if (started) started(child, out);
  else child.stdin.end();
  return ended;
}
