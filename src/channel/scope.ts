// What of a call's arguments stays here: functions that are called back, signals, and async sources.
import { types } from 'node:util';
import { InvalidArgumentError } from '../errors.js';
import { describe } from '../options.js';
import type { Reference } from './marks.js';
import type { Aborted } from './protocol.js';

export type AnyFunction = (...args: unknown[]) => unknown;

interface Watched {
  readonly signal: AbortSignal;
  told: boolean;
}

interface Source {
  readonly from: AsyncIterable<unknown>;
  iterator: AsyncIterator<unknown> | undefined;
  done: boolean;
}

export function isSignal(value: object): value is AbortSignal {
  // Not instanceof: a test runner's or a vm context's is of another realm.
  return Object.prototype.toString.call(value) === '[object AbortSignal]';
}

/** A promise that can be iterated too, as a face's call gives one, was not awaited. */
export function isSource(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && !types.isPromise(value);
}

export class Scope {
  readonly id: number;
  readonly #functions: AnyFunction[] = [];
  readonly #signals: Watched[] = [];
  readonly #sources: Source[] = [];

  constructor(id: number) {
    this.id = id;
  }

  function(fn: AnyFunction, faces: boolean): Reference {
    const known = this.#functions.indexOf(fn);
    const id = known >= 0 ? known : this.#functions.push(fn) - 1;
    return { kind: 'function', id, scope: this.id, name: fn.name, faces };
  }

  signal(signal: AbortSignal): Reference {
    const { aborted } = signal;
    const reason: unknown = aborted ? signal.reason : undefined;
    const id = this.#signals.push({ signal, told: aborted }) - 1;
    return { kind: 'signal', id, scope: this.id, aborted, reason };
  }

  source(from: AsyncIterable<unknown>): Reference {
    return {
      kind: 'source',
      id: this.#sources.push({ from, iterator: undefined, done: false }) - 1,
      scope: this.id,
    };
  }

  fn(id: number): AnyFunction {
    return this.#functions[id] as AnyFunction;
  }

  /** What a step of a source gives: a promise of a result. */
  step(id: number, method: 'next' | 'return' | 'throw', args: unknown[]): unknown {
    const source = this.#sources[id] as Source;
    source.iterator ??= source.from[Symbol.asyncIterator]();
    const found = source.iterator[method] as AnyFunction | undefined;
    if (typeof found === 'function') return found.apply(source.iterator, args);
    if (method === 'next') {
      throw new InvalidArgumentError(
        `An async iterable gave ${describe(source.iterator)}, which has no next().`,
      );
    }
    if (method === 'throw') throw args[0];
    return { done: true, value: args[0] };
  }

  /** Its call is over: sources that were begun and not ended are left, as by a `break`. Nobody waits for that. */
  close(): void {
    for (const source of this.#sources) {
      if (source.iterator === undefined || source.done) continue;
      source.done = true;
      try {
        Promise.resolve(source.iterator.return?.()).catch(() => {});
      } catch {
        // There is nobody to tell.
      }
    }
  }

  /** A step of the source has said that there are no more. */
  ended(id: number): void {
    (this.#sources[id] as Source).done = true;
  }

  /** The signals that were aborted since this was last asked. */
  aborted(): Aborted | undefined {
    let found: (readonly [number, unknown])[] | undefined;
    for (const [id, watched] of this.#signals.entries()) {
      if (watched.told || !watched.signal.aborted) continue;
      watched.told = true;
      found ??= [];
      found.push([id, watched.signal.reason]);
    }
    return found && [this.id, ...found];
  }
}
