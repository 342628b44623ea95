// Asks a server over connections of its own, which are kept.
import { Agent, get } from 'node:http';

/** ms without an answer after which it is given up. */
const PATIENCE = 30_000;

export class Asker {
  #address;
  #agent = new Agent({ keepAlive: true });

  constructor(address) {
    this.#address = address;
  }

  /** Gives `{ status, headers, text, ms }`; rejects if there is no answer. */
  ask(path) {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, signal: AbortSignal.timeout(PATIENCE) };
      const request = get(`${this.#address}/${path}`, options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          const ms = performance.now() - began;
          resolve({ status, headers, text: Buffer.concat(chunks).toString(), ms });
        });
      });
      request.on('error', reject);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
