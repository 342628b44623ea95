// The gate: callers that want a clean base stand in line and are let in by batches, first come first served. A batch
// may nest as deep as the stack allows; nobody new comes in until it has unwound, so that steady arrivals starve
// nobody.
import { clearTimeout, setImmediate } from 'node:timers';
import { clock } from '../clock.js';
import { InvalidArgumentError, LineFullError, TimeoutError } from '../errors.js';
import { checkOptions, describe, type WaitOptions } from '../options.js';
import { startTimer } from '../timer.js';
import { drain } from './drain.js';
import { someoneIsHeld } from './held.js';
import { type Pump, pump } from './pump.js';

/** How callers are let in; see `turn.configure`. */
export interface TurnLimits {
  /** How many callers a batch lets in at most. Default 64. */
  readonly batch: number;
  /** How many callers may stand in line; one more gets a LineFullError. Default 65,536. */
  readonly line: number;
}

/** What `turn.stats()` answers. */
export interface TurnStats extends TurnLimits {
  /** Callers in line right now. */
  readonly waiting: number;
  /** Callers of the current batch that are still to be let in. */
  readonly next: number;
  readonly batches: number;
  /** Batches that were let in on top of a stalled one. */
  readonly mended: number;
  readonly admitted: number;
  readonly refused: number;
  readonly longestWaitMs: number;
}

interface Caller {
  resolve: (() => void) | undefined;
  since: number;
}

/** ms without a call settling after which a batch that waits is taken to need one of those in line. */
export const STALL = 100;
const STALL_HELD = 500;

const limits = { batch: 64, line: 65_536 };
let line: Caller[] = [];
let head = 0;
let batch: Caller[] = [];
let batchNext = 0;
/** The batches whose callers are on the stack: more than one only where a batch needed one of those in line. */
let open = 0;
let progressAt = 0;
let batches = 0;
let mended = 0;
let admitted = 0;
let refused = 0;
let longestWaitMs = 0;

const waiting = (): number => line.length - head;

function take(): void {
  const count = Math.min(limits.batch, waiting());
  batch = line.slice(head, head + count);
  batchNext = 0;
  head += count;
  if (head > 1024 && head * 2 > line.length) {
    line = line.slice(head);
    head = 0;
  }
  batches++;
}

function next(): boolean {
  while (batchNext < batch.length) {
    const caller = batch[batchNext++];
    if (caller?.resolve === undefined) continue;
    const ms = clock() - caller.since;
    if (ms > longestWaitMs) longestWaitMs = ms;
    admitted++;
    progressAt = clock();
    caller.resolve();
    return true;
  }
  return false;
}

// Runs on the clean base, once an iteration, while somebody stands in line.
function letIn(of: Pump): void {
  of.clean(false);
  const outer = { batch, batchNext };
  take();
  if (open > 0) mended++;
  open++;
  // Not the throwing drain: where the stack is too short, the rest goes back to the head of the line.
  while (next()) if (of.drain() !== 0) break;
  open--;
  if (batchNext < batch.length) {
    line = [...batch.slice(batchNext), ...line.slice(head)];
    head = 0;
  }
  ({ batch, batchNext } = outer);
  if (open === 0 && waiting() > 0) of.clean(true);
}

/** Called by each wait before it blocks: lets in the next of the batch, if the stack allows, and mends a stall. */
export function admit(of: Pump): void {
  if (open === 0) return;
  while (batchNext < batch.length) {
    // The lowest levels cannot know yet how much room there is: they are not deep.
    if (of.room() < ROOM_FOR_ONE) break;
    if (!next()) break;
    drain(of);
  }
  // A call of this batch may itself wait for someone in line (a server that fetches from itself). Nothing has settled
  // for a while: let some more in on top; later where that makes a call wait that has settled already.
  if (waiting() > 0 && clock() - progressAt > (someoneIsHeld() ? STALL_HELD : STALL)) of.clean(true);
}

/** Does somebody stand in line whom only a wait of this batch can let in? Then that wait is not at its end. */
export function mayMend(): boolean {
  return open > 0 && waiting() > 0;
}

/** Bytes of stack that a let-in caller is reckoned to need. */
const ROOM_FOR_ONE = 64 * 1024;

/** A call has settled: the batch gets on. */
export function progress(): void {
  if (open > 0) progressAt = clock();
}

if (pump !== undefined) {
  const of = pump;
  of.keepTurn(() => letIn(of));
}

async function wait(options?: WaitOptions): Promise<void> {
  if (options !== undefined) checkOptions('turn()', options);
  const signal = options?.signal;
  signal?.throwIfAborted();
  if (pump === undefined) return new Promise((resolve) => setImmediate(resolve));
  if (waiting() >= limits.line) {
    refused++;
    throw new LineFullError(limits.line);
  }
  const of = pump;
  const caller: Caller = { resolve: undefined, since: clock() };
  const timeout = options?.timeout;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      caller.resolve = resolve;
      const leave = (reason: unknown): void => {
        caller.resolve = undefined;
        reject(reason);
      };
      if (timeout !== undefined)
        timer = startTimer(() => leave(new TimeoutError('turn()', timeout)), timeout);
      if (signal !== undefined) {
        onAbort = () => leave(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
      }
      line.push(caller);
      if (open === 0) of.clean(true);
    });
  } finally {
    if (timer !== undefined) clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}

function configure(change: Partial<TurnLimits>): void {
  if (typeof change !== 'object' || change === null) {
    throw new InvalidArgumentError(
      `turn.configure() takes an object like { batch: 16 }, not ${describe(change)}.`,
    );
  }
  for (const [key, value] of Object.entries(change)) {
    if (key !== 'batch' && key !== 'line') {
      throw new InvalidArgumentError(`turn.configure() has no option "${key}"; it takes { batch, line }.`);
    }
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1) {
      throw new InvalidArgumentError(
        `turn.configure()'s ${key} is a whole number from 1 on, not ${describe(value)}.`,
      );
    }
  }
  if (change.batch !== undefined) limits.batch = change.batch;
  if (change.line !== undefined) limits.line = change.line;
}

function stats(): TurnStats {
  return {
    ...limits,
    waiting: waiting(),
    next: batch.length - batchNext,
    batches,
    mended,
    admitted,
    refused,
    longestWaitMs,
  };
}

/**
 * Continues on a clean base, with nothing below but the event loop, where `run` is always safe; and is a fair gate:
 * callers are let in first come first served, by batches. Where there is no pump it yields to the event loop once.
 *
 * @param options `signal` and `timeout` (ms) leave the line early.
 * @throws LineFullError when the line is full; TimeoutError; `signal.reason`.
 * @example
 * const handler = async (request, response) => {
 *   await turn();
 *   response.end(renderSync(request));   // may call run()
 * };
 * @since 0.1.0
 */
export const turn: {
  (options?: WaitOptions): Promise<void>;
  /** Changes how many are let in at once and how many may wait. @throws InvalidArgumentError @since 0.1.0 */
  configure(change: Partial<TurnLimits>): void;
  /** The gate's state on this thread. @since 0.1.0 */
  stats(): TurnStats;
} = Object.assign(wait, { configure, stats });
