// What a pool tells of itself.
import type { Death } from './hand.js';
import type { Durations } from './histogram.js';

/** What one worker has done. */
export interface WorkerStats {
  /** Of a thread; 0 for a process. */
  readonly threadId: number;
  /** Of a process. */
  readonly pid?: number;
  readonly tasks: number;
  /** The part of its life that it has spent on tasks, 0 to 1. */
  readonly utilisation: number;
  readonly isIdle: boolean;
}

/** How a pool is. */
export interface PoolStats {
  readonly size: number;
  readonly workers: readonly WorkerStats[];
  /** Tasks that wait, and since when (ms) the oldest of them does. */
  readonly queued: number;
  readonly oldestMs: number;
  /** Tasks that run, and among them those whose callers have given up. */
  readonly running: number;
  readonly abandoned: number;
  readonly completed: number;
  readonly failed: number;
  readonly wait: Durations;
  readonly run: Durations;
  readonly started: number;
  /** How workers have ended, other than by being idle. */
  readonly deaths: Readonly<Record<Death, number>>;
}
