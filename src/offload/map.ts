// One function over many inputs: so many at once, results in order or as they come.
import { InvalidArgumentError } from '../errors.js';
import { checkNames, describe } from '../options.js';

/** How {@link ToThread.map} goes about it. */
export interface MapOptions {
  /** The most inputs that are worked on at once. Default: 16. */
  readonly concurrency?: number | undefined;
  /** Are results given in the order of their inputs? Default: true. */
  readonly ordered?: boolean | undefined;
  /** Is told after each result: how many there are, and of how many inputs, where that is known. */
  readonly onProgress?: ((done: number, of: number | undefined) => void) | undefined;
}

const CONCURRENCY = 16;

type Inputs = Iterable<unknown> | AsyncIterable<unknown>;
type Run = (input: unknown, more: { signal: AbortSignal }) => Promise<unknown>;

/** The work on one input. */
class Running {
  /** Settles with this one, when it has its outcome. */
  readonly end: Promise<Running>;
  ok = false;
  value: unknown;

  constructor(work: Promise<unknown>) {
    this.end = work.then(
      (value) => this.#over(true, value),
      (error: unknown) => this.#over(false, error),
    );
  }

  #over(ok: boolean, value: unknown): Running {
    this.ok = ok;
    this.value = value;
    return this;
  }
}

function check(call: string, inputs: Inputs, options: MapOptions): void {
  checkNames(call, options, ['concurrency', 'ordered', 'onProgress']);
  const { concurrency, ordered, onProgress } = options;
  const from = inputs as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  if (typeof from?.[Symbol.asyncIterator] !== 'function' && typeof from?.[Symbol.iterator] !== 'function') {
    throw new InvalidArgumentError(
      `${call} takes an iterable of inputs, or an async one, not ${describe(inputs)}.`,
    );
  }
  if (concurrency !== undefined && !(typeof concurrency === 'number' && concurrency >= 1)) {
    throw new InvalidArgumentError(
      `${call}'s concurrency is a number from 1 on, not ${describe(concurrency)}.`,
    );
  }
  if (ordered !== undefined && typeof ordered !== 'boolean') {
    throw new InvalidArgumentError(`${call}'s ordered is true or false, not ${describe(ordered)}.`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new InvalidArgumentError(`${call}'s onProgress is a function, not ${describe(onProgress)}.`);
  }
}

export function mapOver(
  call: string,
  run: Run,
  inputs: Inputs,
  options: MapOptions = {},
  outer?: AbortSignal,
): AsyncIterableIterator<unknown> {
  check(call, inputs, options);
  return results(run, inputs, options, outer);
}

async function* results(
  run: Run,
  inputs: Inputs,
  { concurrency = CONCURRENCY, ordered = true, onProgress }: MapOptions,
  outer: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  const abort = new AbortController();
  const signal = outer === undefined ? abort.signal : AbortSignal.any([outer, abort.signal]);
  const of = Array.isArray(inputs) ? inputs.length : undefined;
  const source = (
    (inputs as AsyncIterable<unknown>)[Symbol.asyncIterator] !== undefined
      ? (inputs as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (inputs as Iterable<unknown>)[Symbol.iterator]()
  ) as AsyncIterator<unknown> | Iterator<unknown>;
  const running: Running[] = [];
  let done = 0;
  let isRead = false;
  try {
    for (;;) {
      while (!isRead && running.length < concurrency) {
        const next = await source.next();
        if (next.done === true) isRead = true;
        else {
          running.push(new Running(run(await next.value, { signal })));
        }
      }
      const [first] = running;
      if (first === undefined) return;
      const next = ordered ? await first.end : await Promise.race(running.map(({ end }) => end));
      running.splice(running.indexOf(next), 1);
      if (!next.ok) throw next.value;
      onProgress?.(++done, of);
      yield next.value;
    }
  } finally {
    abort.abort();
    if (!isRead) await source.return?.();
  }
}
