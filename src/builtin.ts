import { createRequire } from 'node:module';

/**
 * One of the runtime's modules, but not as an ES module: then the runtime reads each of its exports, and loads what is behind those that
 * it would load when they are used. Of `node:fs` and `node:v8` that is 2 to 3 ms of every start, here and in each worker.
 */
export function builtin(name: string): unknown {
  // Before 22.3 there is only require.
  return process.getBuiltinModule?.(name) ?? createRequire(import.meta.url)(name);
}
