// What V8 knows of a function: where it was written and what it captures. An inspector session of this very thread
// tells it synchronously. A session lives for one call only: an enabled Debugger slows everything async, and so does
// a forgotten one. The Debugger is enabled only to learn of scripts that are new since the last time, which takes
// some 20 ms in a small program, and only where a glance (2 to 9 ms) does not do; what is known of a script never changes,
// so the later calls take a fraction of 1 ms.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Callable } from './pick.js';

/** Where a function was written. `hash` is of the whole script: same hash and position, same literal. */
export interface Place {
  readonly url: string;
  /** From 0, as V8 counts. */
  readonly line: number;
  readonly column: number;
  readonly hash: string;
  /** An ES module, not a CommonJS one or a script. */
  readonly isModule: boolean;
  /** In a context of node:vm, where the modules of this thread's loader are others. */
  readonly isForeign: boolean;
}

export interface Scope {
  /** Module, Closure, Block, Script, Eval, …; never Global. */
  readonly kind: string;
  /** The function that made it, where it has a name. */
  readonly of: string | undefined;
  readonly names: readonly string[];
}

export interface Facts {
  readonly kind: 'plain' | 'bound' | 'proxy' | 'native';
  readonly place: Place | undefined;
  /** Innermost first. */
  readonly scopes: readonly Scope[];
}

interface Remote {
  type?: string;
  subtype?: string;
  objectId?: string;
  description?: string;
  value?: { scriptId: string; lineNumber: number; columnNumber: number };
}

interface Property {
  name: string;
  value?: Remote;
}

interface Reply {
  result?: Remote | Property[];
  internalProperties?: Property[];
}

interface Script {
  scriptId: string;
  url: string;
  hash: string;
  isModule?: boolean;
  hasSourceURL?: boolean;
  embedderName?: string;
  executionContextAuxData?: { isDefault?: boolean };
}

interface Covered {
  scriptId: string;
  url: string;
}

type Origin = Pick<Place, 'url' | 'hash' | 'isModule' | 'isForeign'>;

const require = createRequire(import.meta.url);
const origins = new Map<string, Origin>();
/** What scripts call themselves. */
const names = new Map<string, string>();

function originOf(script: Script): Origin {
  // A `//# sourceURL` comment may claim anything; what the loader said counts.
  let url = script.hasSourceURL ? (script.embedderName ?? '') : script.url;
  if (/^(?:[/\\]|[a-z]:[/\\])/i.test(url)) url = pathToFileURL(url).href;
  return {
    url,
    hash: script.hash,
    isModule: script.isModule === true,
    isForeign: script.executionContextAuxData?.isDefault === false,
  };
}

/**
 * The facts about `fn`; `undefined` where no inspector tells them at once: Bun's and Deno's do not, a permission or the
 * build may forbid it, and a function of jest's own world is not seen from outside.
 */
export function inspect(fn: Callable): Facts | undefined {
  return inSession((asking) => {
    const internal = internalsOf(asking, fn);
    if (internal === undefined || internal === 'proxy') {
      return internal && { kind: 'proxy', place: undefined, scopes: [] };
    }
    if (internal('[[TargetFunction]]')) return { kind: 'bound', place: undefined, scopes: [] };
    const location = internal('[[FunctionLocation]]')?.value;
    if (!location) return { kind: 'native', place: undefined, scopes: [] };
    const place = placeOf(asking, location);
    // What the runtime's own functions capture is much, and concerns nobody.
    const scopes = place?.url.startsWith('node:') ? [] : scopesOf(asking, internal('[[Scopes]]'));
    return { kind: 'plain', place, scopes };
  });
}

/** What can be told of a function within a few milliseconds, without a word on whether it is true. */
export interface Glance {
  /** What its script calls itself; a `//# sourceURL` comment may claim anything. */
  readonly url: string;
  /** It is of an ES module's top level: it captures nothing else. */
  readonly isTopLevel: boolean;
}

/**
 * The same as far as it can be had without the Debugger, whose hashing of all scripts takes 20 ms where this takes 2 to 9.
 * Undefined for what is no plain function, and where nothing is gained, because the scripts are known.
 */
export function glance(fn: Callable): Glance | undefined {
  return inSession((asking) => {
    const internal = internalsOf(asking, fn);
    if (internal === undefined || internal === 'proxy') return undefined;
    const location = internal('[[FunctionLocation]]')?.value;
    if (!location || origins.has(location.scriptId)) return undefined;
    const url = nameOfScript(asking, location.scriptId);
    if (url === undefined) return undefined;
    const scopes = url.startsWith('node:') ? [] : scopesOf(asking, internal('[[Scopes]]'));
    return { url, isTopLevel: scopes.length === 1 && scopes[0]?.kind === 'Module' };
  });
}

/** One who can be asked, and answers at once. */
interface Asking {
  post(method: string, params?: object): Reply;
  on(event: string, listener: (message: { params: object }) => void): void;
}

function inSession<T>(work: (asking: Asking) => T | undefined): T | undefined {
  // Deno answers later, and that answer would be an unhandled event by then.
  if (process.versions['deno'] !== undefined || process.versions['bun'] !== undefined) return undefined;
  try {
    const { Session } = require('node:inspector') as typeof import('node:inspector');
    const session = new Session();
    session.connect();
    try {
      return work({
        post: (method, params = {}) => {
          let reply: Reply = {};
          session.post(method, params, (_error: Error | null, result?: object) => {
            reply = result ?? {};
          });
          return reply;
        },
        on: (event, listener) => void session.on(event, listener),
      });
    } finally {
      session.disconnect();
    }
  } catch {
    return undefined;
  }
}

function listOf({ post }: Asking, objectId: string | undefined): Property[] {
  const { result } = post('Runtime.getProperties', { objectId, ownProperties: true });
  return Array.isArray(result) ? result : [];
}

/** Finds its internal properties by name; 'proxy' for one, and undefined for what is no function there. */
function internalsOf(
  { post }: Asking,
  fn: Callable,
): ((name: string) => Remote | undefined) | 'proxy' | undefined {
  const key = `isthmus:${Math.random()}`;
  Reflect.set(globalThis, Symbol.for(key), fn);
  let remote: Remote;
  try {
    const expression = `globalThis[Symbol.for(${JSON.stringify(key)})]`;
    remote = (post('Runtime.evaluate', { expression, silent: true }).result ?? {}) as Remote;
  } finally {
    Reflect.deleteProperty(globalThis, Symbol.for(key));
  }
  // A proxy of a function is called an object.
  if (remote.subtype === 'proxy') return 'proxy';
  if (remote.type !== 'function') return undefined;
  const { internalProperties = [] } = post('Runtime.getProperties', {
    objectId: remote.objectId,
    ownProperties: true,
  });
  return (name) => internalProperties.find((property) => property.name === name)?.value;
}

function scopesOf(asking: Asking, list: Remote | undefined): Scope[] {
  const scopes: Scope[] = [];
  for (const { value } of listOf(asking, list?.objectId)) {
    const [, kind = '', of] = /^(.*?)(?: \((.*)\))?$/s.exec(value?.description ?? '') ?? [];
    if (value && kind !== 'Global') {
      scopes.push({ kind, of, names: listOf(asking, value.objectId).map(({ name }) => name) });
    }
  }
  return scopes;
}

function nameOfScript({ post }: Asking, id: string): string | undefined {
  if (!names.has(id)) {
    // What V8 counts anyway, read without asking it to count more.
    for (const { scriptId, url } of post('Profiler.getBestEffortCoverage').result as unknown as Covered[]) {
      names.set(scriptId, url);
    }
  }
  return names.get(id);
}

function placeOf({ post, on }: Asking, location: NonNullable<Remote['value']>): Place | undefined {
  if (!origins.has(location.scriptId)) {
    on('Debugger.scriptParsed', ({ params }) => {
      const script = params as Script;
      origins.set(script.scriptId, originOf(script));
    });
    post('Debugger.enable');
    post('Debugger.disable');
  }
  const origin = origins.get(location.scriptId);
  return origin && { ...origin, line: location.lineNumber, column: location.columnNumber };
}
