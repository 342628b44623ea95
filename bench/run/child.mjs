/** A child process that is asked by lines and answers by lines, each answer within a limit. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Those that may still run, for when this process ends before them. */
const living = new Set();
process.on('exit', () => {
  for (const child of living) child.end();
});

export class Child {
  #process;
  #group;
  #lines = [];
  #rest = '';
  #taker;
  #ended;

  /** `group`: it starts processes of its own, which end with it. */
  constructor(execPath, file, args = [], { env = {}, group = false } = {}) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#group = group && process.platform !== 'win32';
    this.#process = spawn(execPath, [path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_V8_COVERAGE: '', ...env },
      detached: this.#group,
    });
    living.add(this);
    this.#process.stdin.on('error', () => {});
    this.#process.stdout.setEncoding('utf8').on('data', (text) => this.#take(text));
    this.#process.on('close', (code, signal) => {
      this.#ended = `it ended with ${signal ?? `status ${code}`}`;
      this.#give();
    });
  }

  #take(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    this.#lines.push(...lines);
    this.#give();
  }

  #give() {
    if (!this.#taker || (this.#lines.length === 0 && !this.#ended)) return;
    const taker = this.#taker;
    this.#taker = undefined;
    if (this.#lines.length === 0) {
      taker.reject(new Error(this.#ended));
      return;
    }
    const answer = JSON.parse(this.#lines.shift());
    if (typeof answer?.error === 'string') taker.reject(new Error(answer.error));
    else taker.resolve(answer);
  }

  ask() {
    this.#process.stdin.write('.');
  }

  /** The next line, parsed. Rejects on `{ error }`, and when none comes within the limit, which ends the child. */
  async answer(limit) {
    const line = new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.#ended = `it hangs (no answer within ${limit / 1000} s)`;
      this.end();
      this.#give();
    }, limit);
    this.#give();
    return line.finally(() => clearTimeout(timer));
  }

  end() {
    if (!living.delete(this)) return;
    if (this.#group) this.#endGroup();
    else if (this.#process.exitCode === null && this.#process.signalCode === null)
      this.#process.kill('SIGKILL');
  }

  #endGroup() {
    try {
      process.kill(-this.#process.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // All of them have ended.
    }
  }
}

/** The one line that a child prints before it ends by itself. */
export async function once(execPath, file, args, { env, group, limit = 30_000 } = {}) {
  const child = new Child(execPath, file, args, { env, group });
  try {
    return await child.answer(limit);
  } finally {
    child.end();
  }
}
