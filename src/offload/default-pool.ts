// The pools that calls share which are given no other: each made by the first of them, and never closed.
import { Pool } from '../pool/pool.js';

let ofThreads: Pool | undefined;
let ofProcesses: Pool | undefined;

export function threads(): Pool {
  ofThreads ??= new Pool();
  return ofThreads;
}

export function processes(): Pool {
  ofProcesses ??= new Pool({ kind: 'process' });
  return ofProcesses;
}
