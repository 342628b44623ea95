// One route's handler, and how it is run.
import { type Address, type OffloadOptions, turn } from '../index.js';
import { type CallerStack, type Prepared, prepare } from '../prepare.js';
import { bytesOf, iteratorOf, open } from './body.js';
import type { Desk } from './desk.js';
import type { Flight } from './flight.js';
import { type AnyHandler, isGenerator, isGeneratorAt } from './handler.js';
import type { BlockingOptions } from './options.js';
import { requestId } from './request.js';
import { isResponded, type Responded } from './respond.js';

/** What is to be sent. Bytes are a Buffer, a stream is a Readable; all else is as the handler gave it. */
export interface Outcome {
  readonly head: Responded | undefined;
  readonly body: unknown;
  /** A stream that begins with a string. */
  readonly isText?: boolean;
}

export class Route {
  readonly options: BlockingOptions;
  readonly #fn: AnyHandler;
  readonly #call: string;
  readonly #through: Address | undefined;
  /** Where the route was made. */
  readonly #frames: CallerStack = {};
  #streams: boolean | undefined;
  readonly #tasks = new WeakMap<Desk, OffloadOptions>();
  readonly #calls = new WeakMap<Desk, Prepared>();

  /** `through` gives, in the worker, what is called there in place of the handler. */
  constructor(call: string, fn: AnyHandler, options: BlockingOptions, through?: Address) {
    this.#call = call;
    this.#fn = fn;
    this.options = options;
    this.#through = through;
    Error.captureStackTrace(this.#frames, Route);
  }

  get staysOnLoop(): boolean {
    return this.options.where === 'loop';
  }

  /** Throws InvalidArgumentError for what there is not on this desk. */
  prepare(desk: Desk): OffloadOptions {
    let options = this.#tasks.get(desk);
    if (options === undefined) {
      options = desk.taskOptions(this.#call, this.options, this.#fn.name || 'handler');
      if (this.#through !== undefined) options = { ...options, through: this.#through };
      this.#tasks.set(desk, options);
    }
    return options;
  }

  /** Runs the handler for one request. The flight goes on only where a stream is given. */
  async run(
    desk: Desk,
    flight: Flight,
    args: readonly unknown[],
    transfer?: OffloadOptions['transfer'],
  ): Promise<Outcome> {
    if (this.staysOnLoop) return requestId.run(flight.id, () => this.#here(flight, args));
    const fn = this.#fn as () => AsyncIterable<unknown>;
    this.#streams ??= typeof fn === 'function' ? isGenerator(fn) : await isGeneratorAt(fn);
    flight.throwIfAborted();
    if (!this.#streams) {
      flight.transfer = transfer;
      return whole(await this.#prepared(desk)(flight, args), flight);
    }
    const options = { ...this.prepare(desk), signal: flight.signal, transfer };
    const { each } = desk.source(this.options).with(options);
    return requestId.run(flight.id, () => streamed(each(fn, ...(args as [])), flight));
  }

  async #here(flight: Flight, args: readonly unknown[]): Promise<Outcome> {
    const fn = this.#fn as (...args: readonly unknown[]) => unknown;
    await turn({ signal: flight.signal });
    const given = fn(...args);
    return isGenerator(fn) ? streamed(given as AsyncIterable<unknown>, flight) : whole(await given, flight);
  }

  #prepared(desk: Desk): Prepared {
    let call = this.#calls.get(desk);
    if (call === undefined) {
      call = desk.source(this.options)[prepare](this.#fn, this.prepare(desk), this.#frames);
      this.#calls.set(desk, call);
    }
    return call;
  }
}

function whole(value: unknown, flight: Flight): Outcome {
  flight.end();
  const head = isResponded(value) ? value : undefined;
  const body = head === undefined ? value : head.body;
  return { head, body: bytesOf(body) ?? body };
}

/** Sends what a generator gives, from its first value on. */
export async function streamed(
  values: AsyncIterable<unknown> | Iterable<unknown>,
  flight: Flight,
): Promise<Outcome> {
  const { head, stream, isText } = await open(iteratorOf(values), flight);
  return { head, body: stream, isText };
}
