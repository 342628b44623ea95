// The server under load, as a child: started, asked to end, and ended.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** ms that it may take to answer what is on its way; its own patience is ten seconds. */
const PATIENCE = 15_000;

export class Service {
  #child;

  constructor(child, { address, pump }) {
    this.#child = child;
    this.address = address;
    /** What `canRun()` says there. */
    this.pump = pump;
    /** How it has ended: an exit code, or the name of a signal. */
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  }

  static start() {
    const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), ['0']);
    return new Promise((resolve, reject) => {
      const failed = (code, signal) => reject(new Error(`The server has ended at once (${signal ?? code}).`));
      child.once('error', reject).once('exit', failed);
      child.once('message', (message) => {
        child.off('exit', failed);
        resolve(new Service(child, message));
      });
    });
  }

  /** Waits for what is on its way, and gives how it has ended. */
  async end() {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    if (this.#child.connected) this.#child.disconnect();
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}
