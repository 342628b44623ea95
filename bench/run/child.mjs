/** A child process that is asked by lines and answers by lines, each answer within a limit. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export class Child {
  #process;
  #lines = [];
  #rest = '';
  #taker;
  #ended;

  constructor(execPath, file, args = [], env = {}) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#process = spawn(execPath, [path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_V8_COVERAGE: '', ...env },
    });
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
    if (this.#lines.length > 0) taker.resolve(JSON.parse(this.#lines.shift()));
    else taker.reject(new Error(this.#ended));
  }

  ask() {
    this.#process.stdin.write('.');
  }

  /** The next line, parsed. Rejects, and ends the child, when none comes within the limit. */
  async answer(limit) {
    const line = new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
    const timer = setTimeout(() => {
      this.#ended = `it hangs (no answer within ${limit / 1000} s)`;
      this.#process.kill('SIGKILL');
      this.#give();
    }, limit);
    this.#give();
    return line.finally(() => clearTimeout(timer));
  }

  end() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGKILL');
  }
}

/** The one line that a child prints before it ends by itself. */
export async function once(execPath, file, args, { env, limit = 30_000 } = {}) {
  const child = new Child(execPath, file, args, env);
  try {
    return await child.answer(limit);
  } finally {
    child.end();
  }
}
