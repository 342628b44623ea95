// What a pool and its workers say to each other. Tasks and answers go through the board's slots (see board.ts), and only
// from a pool to a worker and back. Everything else is an errand, and goes through the worker's port.
import type { Packed } from './marks.js';

/** How the function is used. */
export const Mode = { call: 0, each: 1 } as const;
/** Beside the mode: its caller may give it up. */
export const LIMITED = 2;

/** Pool to worker, in a slot: run the function of this number. */
export type TaskMessage = readonly [
  id: number,
  fn: number,
  mode: number,
  context: unknown,
  ...args: unknown[],
];
/** Worker to pool, in a slot: what became of it, how long (ms) it has run, and stores that come back. */
export type Answer = readonly [id: number, ok: boolean, value: unknown, ms: number, back?: unknown];

/** Values of a task that is iterated, which its worker may be ahead of its caller. */
export const AHEAD = 16;

export const Errand = {
  /** Pool to worker: this number stands for the function that is found there. */
  define: 1,
  /** Pool to worker: look at the board. */
  look: 2,
  /** Pool to worker: the task's caller has given up. */
  abort: 3,
  /** Both ways: what became of a request of this number. */
  reply: 4,
  /** Worker to pool: call a function of the task's arguments. */
  callback: 5,
  /** Worker to pool: take a step of a source of the task's arguments. */
  step: 6,
  /** Worker to pool: how far the task is. */
  report: 7,
  /** Worker to pool: the next value of a task that is iterated. */
  values: 8,
  /** Pool to worker: so many more values are wanted; none, and the rest is not. */
  want: 9,
  /** Pool to worker: signals of the arguments were aborted. */
  signals: 10,
  /** Worker to pool: run a function of the host's; the worker sleeps until the reply. */
  ask: 12,
  /** Worker to pool: an error that nobody caught is ending this thread. */
  dying: 11,
} as const;

/** Worker to pool: there are answers on the board. Nothing is said that must be unpacked. */
export const ANSWERS = 0;

export type ToWorker =
  | readonly [kind: 1, fn: number, target: unknown]
  | readonly [kind: 2]
  | readonly [kind: 3, task: number, reason: Packed]
  | readonly [kind: 4, request: number, ok: boolean, value: Packed]
  | readonly [kind: 9, task: number, more: number]
  /** `aborted` is an Aborted. */
  | readonly [kind: 10, aborted: Packed];

export type ToPool =
  | typeof ANSWERS
  | readonly [kind: 5, request: number, task: number, fn: number, args: Packed]
  | readonly [
      kind: 6,
      request: number,
      task: number,
      source: number,
      method: 'next' | 'return' | 'throw',
      args: Packed,
    ]
  | readonly [kind: 7, task: number, value: Packed]
  | readonly [kind: 8, task: number, value: Packed]
  | readonly [kind: 11, error: Packed]
  | readonly [kind: 12, request: number, task: number, call: Packed];
