/** Piscina's worker: a task is one value, and what is moved back is marked. */
import { move as mark } from 'piscina';
import { add as plus } from './functions.mjs';

export { echo } from './functions.mjs';
export const add = ([a, b]) => plus(a, b);
export const move = (bytes) => mark(bytes);
