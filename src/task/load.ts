// The other side of an address: imports the module and returns the function.
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError, LoadError, NoAddressError } from '../errors.js';
import { describe } from '../options.js';
import type { Address } from './address.js';
import { hasHostLoader, useHostLoader } from './host-loader.js';
import { inspect } from './inspect.js';
import { type Constructor, classAt as classAmongLoaded } from './loaded.js';
import { type Callable, nameOf, namesIn, pick } from './pick.js';
import { compile } from './source.js';

type Loaded = (...args: unknown[]) => unknown;

const functions = new Map<string, Promise<Loaded>>();
/** The namespaces that calls have asked for. */
const namespaces = new Map<string, object>();
const classes = new WeakMap<
  object,
  { address: Pick<Address, 'module' | 'name'> | undefined; among: number }
>();

/** Where the class with this prototype is exported, among the modules that were loaded here. */
export function classOf(prototype: object): Pick<Address, 'module' | 'name'> | undefined {
  const known = classes.get(prototype);
  if (known !== undefined && (known.address !== undefined || known.among === namespaces.size))
    return known.address;
  const Class: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  let address: Pick<Address, 'module' | 'name'> | undefined;
  if (typeof Class === 'function') {
    for (const [module, namespace] of namespaces) {
      const name = nameOf(namespace, Class as Callable);
      if (name === undefined) continue;
      address = { module, name };
      break;
    }
  }
  classes.set(prototype, { address, among: namespaces.size });
  return address;
}

/** The class at this address, if a call has loaded its module, or that can be told of another one. */
export function classAt(address: Pick<Address, 'module' | 'name'>): Constructor | undefined {
  const namespace = namespaces.get(address.module);
  return namespace === undefined
    ? classAmongLoaded(address)
    : (pick(namespace, address.name) as unknown as Constructor | undefined);
}

/** The function of an address, of a source, or what one function makes of another. */
export async function find(target: unknown): Promise<unknown> {
  if (typeof target !== 'object' || target === null) return load(target as never);
  if ('source' in target) return compile((target as { source: string }).source);
  if ('through' in target) return findThrough(target as { through: unknown; of: unknown });
  return load(target as Address);
}

async function findThrough({ through, of }: { through: unknown; of: unknown }): Promise<unknown> {
  const make = (await find(through)) as (fn: unknown) => unknown;
  const made = await make(await find(of));
  if (typeof made === 'function') return made;
  throw new InvalidArgumentError(
    `The function of the option \`through\` (${make.name || 'without a name'}) has to give the function that is called instead, not ${describe(made)}.`,
  );
}

/**
 * The function at `address`, the same one each time. Rejects with LoadError if its module cannot be imported, and with
 * NoAddressError if the module does not export it.
 */
export function load(address: Address): Promise<Loaded> {
  const { module, name, at } = address;
  const key = JSON.stringify(at ? [module, name, at.line, at.column, at.hash] : [module, name]);
  let loading = functions.get(key);
  if (!loading) {
    loading = findExport(address);
    functions.set(key, loading);
    // A file that is missing now may be there later.
    loading.catch(() => functions.delete(key));
  }
  return loading;
}

async function findExport({ module, name, at }: Address): Promise<Loaded> {
  const namespace = await importModule(module);
  const found = at ? findAt(namespace, name, at) : pick(namespace, name);
  if (found) return found as Loaded;
  const names = namesIn(namespace).filter((each) => pick(namespace, each));
  const exported =
    names.length > 0 ? `the functions it exports are ${names.join(', ')}` : 'it exports no functions';
  throw new NoAddressError(
    at
      ? `${module} exports no function like the one that was given (${name || 'without a name'}, line ${at.line + 1}), ` +
          `or its source is another one here; ${exported}`
      : `${module} exports no function ${JSON.stringify(name)}; ${exported}`,
    at ? 'Export it, or give its address as { module, name }.' : 'Correct the name, or export it there.',
  );
}

/** What Node says of TypeScript that it cannot load by itself. */
const TYPESCRIPT = new Set(['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX']);

async function importModule(module: string): Promise<object> {
  try {
    const url = resolve(module);
    const namespace = (await importUrl(url)) as object;
    namespaces.set(url, namespace);
    return namespace;
  } catch (error) {
    throw new LoadError(module, error);
  }
}

/** A failed import is failed for good on Node 20, so there the loader is needed before. */
const failsForGood = Number(process.versions.node.split('.')[0]) < 22;

async function importUrl(url: string): Promise<unknown> {
  if (failsForGood) await useHostLoader();
  try {
    return await import(url);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !TYPESCRIPT.has(code) || !(await useHostLoader())) throw error;
    return import(url);
  }
}

/** A package's name means what it means in the program's folder; failing that, beside isthmus. */
function resolve(module: string): string {
  if (isBuiltin(module) || /^[a-z]+:/i.test(module)) return module;
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'isthmus')).resolve(module)).href;
  } catch {
    return module;
  }
}

/** The one exported function that was written at this place of the same source. */
function findAt(namespace: object, name: string, at: NonNullable<Address['at']>): Callable | undefined {
  const found = new Set<Callable>();
  for (const key of namesIn(namespace)) {
    const fn = pick(namespace, key);
    // The same literal has the same name, which spares most of the looking.
    if (fn && fn.name === name) found.add(fn);
  }
  const matching = [...found].filter((fn) => {
    const place = inspect(fn)?.place;
    return place?.line === at.line && place.column === at.column && place.hash === at.hash;
  });
  if (matching.length === 1) return matching[0];
  // A loader may compile the same source into another text here; then an export of this name has to be enough.
  const [only] = found;
  return matching.length === 0 && found.size === 1 && hasHostLoader() ? only : undefined;
}
