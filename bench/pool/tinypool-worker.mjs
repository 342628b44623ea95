/** Tinypool's worker, on a thread or in a process: a task is one value, and what is moved back is marked. */
import { Tinypool } from 'tinypool';
import { add as plus } from './functions.mjs';

export { echo } from './functions.mjs';
export const add = ([a, b]) => plus(a, b);
export const move = (bytes) => Tinypool.move(bytes);
