// The pool that calls share which are given no other: made by the first of them, and never closed.
import { Pool } from '../pool/pool.js';

let shared: Pool | undefined;

export function defaultPool(): Pool {
  shared ??= new Pool();
  return shared;
}
