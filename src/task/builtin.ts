// The functions of the runtime's own modules: `fs.readFileSync` is node:fs and readFileSync, in every thread.
import { builtinModules, createRequire, isBuiltin } from 'node:module';
import type { Callable } from './pick.js';

const require = createRequire(import.meta.url);

/** Loading these prints a warning or starts something. */
const unasked = new Set([
  'punycode',
  'sys',
  'domain',
  'wasi',
  'test',
  'repl',
  'inspector',
  'inspector/promises',
]);

/** A built-in function comes from a module that is loaded, so the others are left alone where that is known. */
function candidates(url: string | undefined): string[] {
  const origin = url?.replace(/^node:(?:internal\/)?/, '');
  const { moduleLoadList } = process as { moduleLoadList?: readonly string[] };
  // Empty in Bun, and without `process` in Node.
  const loaded = moduleLoadList?.map((entry) => entry.replace(/^NativeModule /, ''));
  const names = (loaded?.length ? [...loaded, 'process'] : builtinModules)
    .filter((name) => isBuiltin(`node:${name}`) && !name.startsWith('_') && !unasked.has(name))
    .sort((a, b) => a.length - b.length);
  return origin !== undefined && isBuiltin(`node:${origin}`) ? [origin, ...names] : names;
}

/** Module and name of a built-in function; `url` is its script's, where known. */
export function builtinOf(fn: Callable, url?: string): { module: string; name: string } | undefined {
  for (const name of candidates(url)) {
    let exported: object;
    try {
      exported = require(`node:${name}`) as object;
    } catch {
      // Bun's own modules count as built in, but not by such a name; Deno's may lack a permission.
      continue;
    }
    // Plain properties only: the getters warn of deprecations and load what nobody asked for.
    const is = (key: string) => Object.getOwnPropertyDescriptor(exported, key)?.value === fn;
    const found = is(fn.name) ? fn.name : Object.keys(exported).find(is);
    if (found !== undefined) return { module: `node:${name}`, name: found };
  }
  return undefined;
}
