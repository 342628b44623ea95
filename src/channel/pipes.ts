// What a pool and its processes say to each other, and by which pipe. Messages are those of errands.ts; a frame's kind says how its
// body is to be read.

/** The descriptors of a worker process: its tasks, its answers, and its lane. */
export const Pipe = { tasks: 3, answers: 4, lane: 5 } as const;

// No kind is 0: that is the pipe's own.

/**
 * Pool to process, by its tasks: a TaskMessage with its number, in few bytes or packed; what a function's number stands for; or
 * whether it hears. What is packed may take long to come, so that it comes is said before: see `Coming`.
 */
export const Down = { few: 1, packed: 2, define: 3, ask: 4, coming: 5 } as const;

/** The next that is packed: its number, and its task's id and mode. */
export type Coming = readonly [number: number, id: number, mode: number];

export function writeComing(to: Buffer, [number, id, mode]: Coming): number {
  return to.writeUInt32LE(mode, to.writeUInt32LE(id, to.writeUInt32LE(number, 0)));
}

export function readComing(from: Buffer): Coming {
  return [from.readUInt32LE(0), from.readUInt32LE(4), from.readUInt32LE(8)];
}

/** Process to pool: it can work, or hears; an Answer, in few bytes or packed; a ToPool. */
export const Up = { ready: 1, few: 2, packed: 3, errand: 4 } as const;

/**
 * Pool to process, by its lane, which a thread of its own hears at any time: a ToWorker, if the task of this number has begun, or
 * there is none; else the task is recalled. Process to pool: the number of a task that was recalled.
 */
export const LANE = 1;
/** For no task. */
export const NONE = -1;

/** ms that a process has to end by itself when its pool has let it go, or is gone. */
export const LAST_WORDS = 1000;
