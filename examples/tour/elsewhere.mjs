/** What the tour runs on other threads: exported functions and a class, of a module that is not the entry. */
import { scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import prettier from 'prettier';

export async function formatFile(url, filepath, onStep) {
  const source = await readFile(new URL(url), 'utf8');
  onStep('read');
  const text = await prettier.format(source, { filepath });
  onStep('formatted');
  return { text, thread: threadId };
}

export const same = async (value) => value;

export async function dies() {
  process.exit(3);
}

export class Counter {
  #count = 0;
  async add(n) {
    this.#count += n;
    return this.#count;
  }
}

export const hashSync = (word) => scryptSync(word, 'salt', 64).toString('hex');

export function busy() {
  for (;;);
}
