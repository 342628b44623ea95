// What may be moved to another thread, under one name: Node's own name for it is not the same on every line.
import type { Worker } from 'node:worker_threads';

/** One of what is moved instead of copied: an ArrayBuffer, a MessagePort, and what else the line's Node can move. */
export type TransferListItem = NonNullable<Parameters<Worker['postMessage']>[1]>[number];
