// What V8 knows of a function: where it was written and what it captures. An inspector session of this very thread
// tells it synchronously. A session lives for one call only: an enabled Debugger slows everything async, and so does
// a forgotten one. The Debugger is enabled only to learn of scripts that are new since the last time, which takes
// some 15 ms in a small program; what is known of a script never changes, so the later calls take a fraction of 1 ms.
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

type Origin = Pick<Place, 'url' | 'hash' | 'isModule' | 'isForeign'>;

const require = createRequire(import.meta.url);
const origins = new Map<string, Origin>();

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
  // Deno answers later, and that answer would be an unhandled event by then.
  if (process.versions['deno'] !== undefined || process.versions['bun'] !== undefined) return undefined;
  try {
    const { Session } = require('node:inspector') as typeof import('node:inspector');
    const session = new Session();
    session.connect();
    try {
      return ask(session, fn);
    } finally {
      session.disconnect();
    }
  } catch {
    return undefined;
  }
}

function ask(session: import('node:inspector').Session, fn: Callable): Facts | undefined {
  const post = (method: string, params: object = {}): Reply => {
    let reply: Reply = {};
    session.post(method, params, (_error: Error | null, result?: object) => {
      reply = result ?? {};
    });
    return reply;
  };
  const list = (objectId: string | undefined): Property[] => {
    const { result } = post('Runtime.getProperties', { objectId, ownProperties: true });
    return Array.isArray(result) ? result : [];
  };

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
  if (remote.subtype === 'proxy') return { kind: 'proxy', place: undefined, scopes: [] };
  if (remote.type !== 'function') return undefined;

  const { internalProperties = [] } = post('Runtime.getProperties', {
    objectId: remote.objectId,
    ownProperties: true,
  });
  const internal = (name: string) => internalProperties.find((property) => property.name === name)?.value;
  if (internal('[[TargetFunction]]')) return { kind: 'bound', place: undefined, scopes: [] };
  const location = internal('[[FunctionLocation]]')?.value;
  if (!location) return { kind: 'native', place: undefined, scopes: [] };

  const place = placeOf(session, post, location);
  const scopes: Scope[] = [];
  // What the runtime's own functions capture is much, and concerns nobody.
  const all = place?.url.startsWith('node:') ? [] : list(internal('[[Scopes]]')?.objectId);
  for (const { value } of all) {
    const [, kind = '', of] = /^(.*?)(?: \((.*)\))?$/s.exec(value?.description ?? '') ?? [];
    if (value && kind !== 'Global') {
      scopes.push({ kind, of, names: list(value.objectId).map(({ name }) => name) });
    }
  }
  return { kind: 'plain', place, scopes };
}

function placeOf(
  session: import('node:inspector').Session,
  post: (method: string) => Reply,
  location: NonNullable<Remote['value']>,
): Place | undefined {
  if (!origins.has(location.scriptId)) {
    session.on('Debugger.scriptParsed', (message: { params: object }) => {
      const script = message.params as Script;
      origins.set(script.scriptId, originOf(script));
    });
    post('Debugger.enable');
    post('Debugger.disable');
  }
  const origin = origins.get(location.scriptId);
  return origin && { ...origin, line: location.lineNumber, column: location.columnNumber };
}
