// A worker of a pool, thread or process, as the pool sees it.
//
// Guarantees:
// - it never keeps the process alive by itself;
// - its end is told once, with the task that it had begun; what it had only taken, its kind knows.
import type { ANSWERS, Answer, ToPool, ToWorker } from '../channel/errands.js';
import type { Incoming, Packed } from '../channel/marks.js';

/** How a worker has ended. */
export type Death = 'exit' | 'error' | 'memory' | 'signal' | 'given up';

/** What a worker may take of the machine. */
export interface Limits {
  /** MB that its JavaScript may use. */
  readonly memory: number | undefined;
  /** How far it steps back for the rest of the machine. */
  readonly nice: number;
}

/** What a worker is told to tell. */
export interface Boss {
  readonly incoming: Incoming;
  readonly definitions: ReadonlyMap<number, unknown>;
  readonly limits: Limits;
  /** There are answers. */
  answered(): void;
  heard(hand: Hand, errand: Exclude<ToPool, typeof ANSWERS>): void;
  /** Tasks that it was given will not begin there; the oldest first. */
  recalled(tasks: readonly number[]): void;
  /** Do tasks wait that nobody has room for? */
  isShort(): boolean;
  /** Is there a task that has left the queue, and whose answer was not read yet? */
  isWaitedFor(): boolean;
  died(hand: Hand, death: Death, why: string, cause: { readonly error: unknown } | undefined): void;
}

export interface Hand {
  readonly startedAt: number;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Waits for another one's end before it works. */
  readonly isSpare: boolean;
  /** It was told to end. */
  readonly isEnding: boolean;
  /** Why it was ended, where that is not for a task that was given up. */
  readonly why: string | undefined;
  readonly isIdle: boolean;
  /** When it was started, or has given its last answer. */
  idleSince: number;
  tasks: number;
  busyMs: number;
  readonly threadId: number;
  /** That of a process of its own. */
  readonly pid: number | undefined;
  /** The task that it has begun and not answered; 0 for none. */
  readonly begun: number;

  /** Its next answer; one that cannot be read, because a class's `decode` throws, is that error. */
  receive(): Answer | undefined;
  /** Hears at once what it has said until now: an answer may be seen before what was said before it. */
  listen(): void;
  post(errand: ToWorker, moved?: readonly unknown[]): void;
  /** Tells it that the caller of this task, which it has, has given up; also where it cannot hear. */
  abort(task: number, reason: Packed): void;
  /** Wakes it, for the reply that it sleeps for was posted. */
  replied(): void;
  /** It may work from now on. */
  enlist(): void;
  /** Ends it, if it is idle: then it takes no task any more. */
  retire(): boolean;
  end(): void;
}
