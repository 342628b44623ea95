/** What blocks. Each takes a word of the request's path. Python's is the same, and calls the same C code for `cpu`. */
import { scryptSync } from 'node:crypto';
import { nap, salt, scrypt } from './settings.mjs';

const word = new Int32Array(new SharedArrayBuffer(4));

export const cpu = (text) => scryptSync(text, salt, 32, scrypt).toString('hex');

export function sleep(text) {
  Atomics.wait(word, 0, 0, nap);
  return text;
}

export const add = (text) => Number(text) + 1;
