// libuv's own threads, which do what `node:fs`, `node:dns` and `node:crypto` do asynchronously, for all threads of a process.
import { fs } from '../fs.js';

let isKept = false;

/** They are started by the first thread that needs them, and inherit its priority: that has to be one that does not step back. */
export function keepThreadpool(): void {
  if (isKept) return;
  isKept = true;
  try {
    fs.access('.', () => {});
  } catch {
    // The permission model may refuse it: then they have the priority that they get.
  }
}
