// How a function is named across threads: by the module that exports it and the export's name. Nothing of the function
// itself is sent, so its imports, its module's state and its debugger breakpoints are all there on the other side.
//
// The name is proved here, by identity, wherever the module's namespace can be had at once: then the other side needs
// no inspector, and what is not exported is refused at the call. It cannot be had while the module still evaluates
// (`const task = offload(fn)` at the top level, right below `fn`), nor if it has a top-level await. Then the address also
// carries the place of the function in its script, and the other side takes the export that was written there. That is
// right only for a function that captures nothing but its module: of a closure there may be many at one place.
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InvalidArgumentError, NoAddressError } from '../errors.js';
import { fs } from '../fs.js';
import { builtinOf } from './builtin.js';
import { type Facts, glance, inspect, type Place, type Scope } from './inspect.js';
import { loadedFiles, loadedModule, loadedScript } from './loaded.js';
import { type Callable, nameOf } from './pick.js';

export interface Address {
  /** A URL: file: or node:. What the user wrote out may be a bare specifier too. */
  readonly module: string;
  /** The export's name, `default` included, or that of a property of the default export (`module.exports`). */
  readonly name: string;
  /** Given where the name is not proved: the other side finds the export by it, and the name is the function's own. */
  readonly at?: Pick<Place, 'line' | 'column' | 'hash'>;
}

const written = "Or write the address out: { module: import.meta.url, name: 'fn' }.";
const require = createRequire(import.meta.url);
const known = new WeakMap<Callable, Address>();
/** Null for those that have none. */
const addressesOfClasses = new WeakMap<object, Address | null>();

/**
 * The address of an exported function. Throws NoAddressError, which says why and what to write instead, for everything
 * that another thread could not find or would find to be something else. Never loads or runs a module.
 */
export function addressOf(fn: Callable): Address {
  return find(fn, false);
}

/** The same for a class, or a function. */
export function addressOfMaker(fn: Callable): Address {
  return find(fn, true);
}

/** Where the class with this prototype is exported; undefined where that is not known or not proved. Never throws. */
export function addressOfClass(prototype: object): Address | undefined {
  const Class: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof Class !== 'function') return undefined;
  let address = addressesOfClasses.get(Class);
  if (address === undefined) {
    try {
      address = find(Class as Callable, true);
    } catch {
      address = null;
    }
    if (address?.at !== undefined || address?.module.startsWith('node:')) address = null;
    addressesOfClasses.set(Class, address);
  }
  return address ?? undefined;
}

function find(fn: Callable, mayBeClass: boolean): Address {
  if (typeof fn !== 'function') {
    throw new InvalidArgumentError(`A function is expected here, not ${fn === null ? 'null' : typeof fn}.`);
  }
  if (!mayBeClass) refuseClass(fn);
  const cached = known.get(fn);
  if (cached) return cached;
  const address = addressAtOnce(fn) ?? thoroughAddress(fn);
  known.set(fn, address);
  return address;
}

/**
 * For the common case, a function at the top level of an ES module: where its script claims to be, if the file there has the
 * function's text and its module gives this very function. Asking the module would load one that is not loaded, so a claim
 * alone is not enough for that.
 */
function addressAtOnce(fn: Callable): Address | undefined {
  const seen = glance(fn);
  if (!seen?.isTopLevel || !seen.url.startsWith('file:')) return undefined;
  try {
    const path = fileURLToPath(seen.url);
    if (isEntry(path) || !fs.readFileSync(path, 'utf8').includes(Function.prototype.toString.call(fn)))
      return undefined;
    const namespace = loadedModule(seen.url);
    const name = namespace && nameOf(namespace, fn);
    return name === undefined ? undefined : { module: seen.url, name };
  } catch {
    return undefined;
  }
}

function thoroughAddress(fn: Callable): Address {
  const facts = inspect(fn);
  return facts ? addressBy(facts, fn) : addressByIdentity(fn);
}

function addressBy(facts: Facts, fn: Callable): Address {
  const { kind, place } = facts;
  if (kind === 'bound' || kind === 'proxy') {
    throw new NoAddressError(
      `it is a ${kind === 'bound' ? 'bound function' : 'proxy'}`,
      `Export a plain function that calls it. ${written}`,
    );
  }
  if (kind === 'native' || place?.url.startsWith('node:')) {
    const builtin = builtinOf(fn, place?.url);
    if (builtin) return builtin;
    throw new NoAddressError(
      `${fn.name || 'it'} is built into the runtime and no module of its exports it`,
      'Export a plain function that calls it.',
    );
  }
  const url = fileOf(place);
  if (place?.isForeign) throw madeElsewhere('it was made in a context of node:vm');
  const path = fileURLToPath(url);
  if (isEntry(path)) {
    throw ofEntry(path);
  }
  const namespace = place?.isModule ? loadedModule(url) : loadedScript(path);
  const name = namespace && nameOf(namespace, fn);
  if (name !== undefined) return { module: url, name };
  if (!place?.isModule && !namespace) {
    throw madeElsewhere(`${path} was not loaded as a module by Node itself (a test runner or node:vm did)`);
  }
  if (isMethod(fn) && capturing(facts).length > 0) throw notExported(fn, path);
  refuseClosure(facts);
  if (!place?.isModule || namespace) throw notExported(fn, path);
  const { line, column, hash } = place;
  return { module: url, name: fn.name, at: { line, column, hash } };
}

/** Without an inspector only identity is left, among the modules that the runtime lists. */
function addressByIdentity(fn: Callable): Address {
  const builtin = builtinOf(fn);
  if (builtin) return builtin;
  for (const [path, namespace] of loadedFiles()) {
    const name = isEntry(path) ? undefined : nameOf(namespace, fn);
    if (name !== undefined) return { module: pathToFileURL(path).href, name };
  }
  throw new NoAddressError(
    'no loaded module is known to export it, and there is no inspector here that could say where it comes from ' +
      '(Deno, jest, a permission or a build without it), or it is a closure, a bound function or of the entry module',
    "Write the address out: { module: import.meta.url, name: 'fn' }.",
  );
}

/** The file: URL of a script that is a file. */
function fileOf(place: Place | undefined): string {
  const url = place?.url ?? '';
  if (!url.startsWith('file:') || /\/(?:\[|%5B)eval\d*(?:\]|%5D)(?:-wrapper)?$/i.test(url)) {
    throw madeElsewhere('it was not made by a module (eval, node -e, the REPL, node:vm or a data: URL)');
  }
  return url;
}

function ofEntry(path: string): NoAddressError {
  return new NoAddressError(
    `it belongs to the program's entry module ${path}, and importing that again would run the program again`,
    'Move it to a module of its own.',
  );
}

function madeElsewhere(why: string): NoAddressError {
  return new NoAddressError(why, `Move it to a module file and export it. ${written}`);
}

function isMethod(fn: Callable): boolean {
  const source = Function.prototype.toString.call(fn);
  return !/^(?:class\b|(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>))/.test(source);
}

function notExported(fn: Callable, path: string): NoAddressError {
  if (isMethod(fn)) {
    return new NoAddressError(
      `${fn.name} is a method of a class or object`,
      'Export a plain function that makes the object and calls the method.',
    );
  }
  return new NoAddressError(
    `${path} does not export ${fn.name || 'it'}, or not yet`,
    `Export it there, and call when that module has loaded. ${written}`,
  );
}

function refuseClass(fn: Callable): void {
  if (!/^class\b/.test(Function.prototype.toString.call(fn))) return;
  throw new NoAddressError(
    `${fn.name || 'it'} is a class`,
    'Export a plain function that makes and uses the object, or let it stay there: asyncFace(Class, ...args), and in sync code syncFace.inThread(Class, ...args).',
  );
}

/** The scopes of enclosing functions and blocks. CommonJS wraps each module into a function without a name. */
function capturing({ place, scopes }: Facts): Scope[] {
  const outer = scopes.filter(({ kind }) => kind !== 'Module' && kind !== 'Script');
  const last = outer.at(-1);
  if (!place?.isModule && last?.kind === 'Closure' && last.of === undefined) outer.pop();
  return outer;
}

function refuseClosure(facts: Facts): void {
  const outer = capturing(facts);
  if (outer.length === 0) return;
  const names = [...new Set(outer.flatMap((scope) => scope.names))];
  throw new NoAddressError(
    `it is a closure that captures ${names.join(', ') || 'an enclosing scope'}`,
    'Export a plain function that takes these as arguments.',
  );
}

/** The module that the program, or this Worker, was started with. */
function isEntry(path: string): boolean {
  const main = require.main?.filename;
  if (main === path) return true;
  const started = process.argv[1];
  if (started === undefined) return false;
  if (started === path) return true;
  try {
    return fs.realpathSync(require.resolve(started)) === path;
  } catch {
    return false;
  }
}

/**
 * An address that the user wrote out, checked and brought into one form. Relative specifiers are refused: relative to
 * what, is not known here. Whether there is such an export is seen on the other side.
 */
export function checkAddress(value: unknown): Address {
  const { module, name, at } = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Address, unknown>
  >;
  const given = module instanceof URL ? module.href : module;
  if (typeof given !== 'string' || given === '' || typeof name !== 'string' || name === '') {
    throw new InvalidArgumentError(
      "An address is { module, name }: a URL as text and the export's name, such as { module: import.meta.url, name: 'fn' }.",
    );
  }
  const address = { module: specifierOf(given), name, ...(isPlace(at) && { at }) };
  if (address.module.startsWith('file:') && isEntry(fileURLToPath(address.module)))
    throw ofEntry(fileURLToPath(address.module));
  return address;
}

function isPlace(at: unknown): at is NonNullable<Address['at']> {
  const { line, column, hash } = (at ?? {}) as Partial<Place>;
  return typeof line === 'number' && typeof column === 'number' && typeof hash === 'string';
}

function specifierOf(given: string): string {
  if (isAbsolute(given)) return pathToFileURL(given).href;
  if (/^\.{1,2}(?:[/\\]|$)/.test(given)) {
    const url = `new URL(${JSON.stringify(given)}, import.meta.url).href`;
    throw new InvalidArgumentError(
      `The module ${JSON.stringify(given)} is relative, to what is not known here. Write { module: ${url}, name }.`,
    );
  }
  if (isBuiltin(given)) return given.includes(':') ? given : `node:${given}`;
  if (/^file:\/\//i.test(given) && URL.canParse(given)) return new URL(given).href;
  if (/^[a-z][a-z\d+.-]*:/i.test(given) || given.startsWith('#')) {
    throw new InvalidArgumentError(
      `${JSON.stringify(given)} is not a module that another thread can import: write a file: URL, a path, or a package's name.`,
    );
  }
  return given;
}
