// The namespace of a module that is loaded already. Nothing here may load a module a second time: that would run it
// again, and its functions would be others.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { glance, inspect } from './inspect.js';
import { pick } from './pick.js';

type Hook = (...args: never[]) => unknown;

const require = createRequire(import.meta.url);
const originals = new WeakSet<Hook>();

/** What a loaded CommonJS module exports, as an ES module sees it. */
export function loadedScript(path: string): object | undefined {
  const module = require.cache[path];
  return module && { default: module.exports as unknown };
}

/** True where nobody has replaced what `require` does with such a file; tsx and the like do. */
function isRequireOriginal(path: string): boolean {
  const internals = require('node:module') as unknown as {
    _load: Hook;
    _resolveFilename: Hook;
    _extensions: Record<string, Hook>;
  };
  const extension = /\.[^./\\]*$/.exec(path)?.[0] ?? '.js';
  const hooks = [
    internals._load,
    internals._resolveFilename,
    internals._extensions[extension] ?? internals._extensions['.js'],
  ];
  for (const hook of hooks) {
    if (!hook) return false;
    if (originals.has(hook)) continue;
    const url = glance(hook)?.url ?? inspect(hook)?.place?.url;
    if (!url?.startsWith('node:')) return false;
    originals.add(hook);
  }
  return true;
}

/**
 * The namespace of a loaded ES module; `undefined` where it cannot be had at once: `require` gives it from the loader's
 * own cache, but not while the module still evaluates, nor if it has a top-level await, nor where `require` is
 * not allowed to load ES modules.
 */
export function loadedModule(url: string): object | undefined {
  const { protocol, search, hash } = new URL(url);
  // With a query the loader knows another module than `require` does by the path.
  if (protocol !== 'file:' || search !== '' || hash !== '') return undefined;
  const path = fileURLToPath(url);
  if (!isRequireOriginal(path)) return undefined;
  const known = path in require.cache;
  try {
    const namespace = require(path) as unknown;
    return types.isModuleNamespaceObject(namespace) ? (namespace as object) : undefined;
  } catch {
    return undefined;
  } finally {
    if (!known) delete require.cache[path];
  }
}

/** All loaded modules that this runtime lists: in Bun also ES modules, in Deno only CommonJS. */
export function* loadedFiles(): Generator<[path: string, namespace: object]> {
  for (const path of Object.keys(require.cache)) {
    let exported: unknown;
    try {
      exported = require.cache[path]?.exports;
    } catch {
      continue;
    }
    yield [path, types.isModuleNamespaceObject(exported) ? (exported as object) : { default: exported }];
  }
}

const classes = new Map<string, Constructor>();

export type Constructor = abstract new (...args: never[]) => object;

/** The class that a module exports by this name, if the module is loaded and its namespace can be had at once. */
export function classAt({ module, name }: { module: string; name: string }): Constructor | undefined {
  const key = `${module} ${name}`;
  let found = classes.get(key);
  if (found === undefined && module.startsWith('file:')) {
    const namespace = loadedScript(fileURLToPath(module)) ?? loadedModule(module);
    found = namespace && (pick(namespace, name) as unknown as Constructor | undefined);
    if (found !== undefined) classes.set(key, found);
  }
  return found;
}
