// A task: what is to be run, for whom, and how far it is.
import { AsyncResource } from 'node:async_hooks';
import type { Scope } from '../channel/scope.js';
import type { CallerStack } from '../channel/stacks.js';
import type { TransferListItem } from '../channel/transfer-list.js';
import type { Context } from '../context/carry.js';
import type { Limiter } from './limiter.js';
import type { Watch } from './signals.js';
import type { Stay } from './stay.js';

/**
 * Where a task is. `held`: its limiter does not let it in yet. `line`: on the board, or with a worker. `left`: its caller
 * has gone, but it still occupies its worker.
 */
export const Stage = { held: 0, queued: 1, line: 2, left: 3, over: 4 } as const;

/** The async context of whoever calls just now. */
export function originOf(): AsyncResource {
  return new AsyncResource('isthmus task');
}

/** How a task is run. */
export interface TaskOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly transfer?: readonly TransferListItem[] | undefined;
  readonly priority?: number | undefined;
  readonly name?: string | undefined;
  readonly grace?: number | false | undefined;
  readonly limiter?: Limiter | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** So many of its arguments are not the caller's own, and count for no path in an error. */
  readonly own?: number | undefined;
  /** What its errors' stacks go on with, in place of the frames of whoever has called. */
  readonly frames?: CallerStack | undefined;
  /** Is told how long it has waited and run, and where. */
  readonly trace?: object | undefined;
}

/** Who has called, where more is known of it than the options of the call. */
export interface Caller {
  /** What stores hold for the task, besides those of this async context. */
  readonly stores?: Context | undefined;
  /** In place of the option. */
  readonly transfer?: TaskOptions['transfer'];
  /** The task is there, and can be given up. */
  began(pool: Taker, task: Task): void;
}

/** Who has taken the task. */
export interface Taker {
  giveUp(task: Task, reason: unknown): void;
  awaits(task: Task, on: boolean): void;
}

export interface Task {
  readonly id: number;
  /** The number of its function. */
  readonly fn: number;
  readonly mode: number;
  /** For messages: `toThread(render)`. */
  readonly what: string;
  readonly args: readonly unknown[];
  readonly context: unknown;
  readonly transfer: TaskOptions['transfer'];
  readonly options: TaskOptions | undefined;
  readonly priority: number;
  readonly queuedAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Is given each value of a task that is iterated. */
  readonly onValue: ((value: unknown) => void) | undefined;
  /** Who has called: the frames that an error's stack goes on with. */
  caller: CallerStack | undefined;
  stage: number;
  /**
   * With its limiter and its pool: where it has a limiter, where another task waits for what has called it, or where it
   has waited for its host.
   */
  stay: Stay | undefined;
  /** Does another task of the pool wait for what has called it? It is the next one then. */
  isNested: boolean;
  slot: number;
  scope: Scope | undefined;
  /** Live ones among the arguments. */
  signals: Watch[];
  /** The caller's async context, where something may be called back in it. */
  origin: AsyncResource | undefined;
  /** Does its caller wait? Of an iterated task only while a value is waited for. */
  isAwaited: boolean;
  /** An iterated task whose caller has left it. */
  isUnwanted: boolean;
  /** It was given up, or its pool destroyed: what it has yielded and nobody has taken is void. */
  isCutOff: boolean;
  /** When it left the queue, where it is traced. */
  goneAt: number;
  /** Undoes what was set up for its timeout and signal. */
  release: (() => void) | undefined;
}
