// The public names. A test compares them with docs/reference, in both directions.
export type { AsyncSource } from './async-source.js';
export { type ClassOptions, registerClass } from './channel/classes.js';
export { transfer } from './channel/transfer.js';
export { carry } from './context/carry.js';
export {
  CallOverError,
  CannotRunError,
  DeadlockError,
  InvalidArgumentError,
  IsthmusError,
  LineFullError,
  LoadError,
  NeverSettlesError,
  NoAddressError,
  NotInThreadError,
  PoolClosedError,
  ProcessDiedError,
  QueueFullError,
  ReleasedError,
  ThreadDiedError,
  TimeoutError,
  TooDeepError,
  UncloneableError,
} from './errors.js';
export {
  type AsyncFaceMaker,
  type AsyncFaceOptions,
  type AsyncFaces,
  type AsyncFacesWith,
  asyncFace,
} from './face/async-face.js';
export { type Explanation, explain } from './face/explain.js';
export type { InThreadMaker } from './face/in-thread.js';
export { type FaceMaker, type SyncFaceMaker, syncFace } from './face/sync-face.js';
export type { ThreadFace, ThreadMembers } from './face/thread-types.js';
export { type ToSync, type Twin, toSync } from './face/to-sync.js';
export type { AsyncFace, AsyncMembers, SyncFace, SyncMembers } from './face/types.js';
export type { Offload, OffloadCalls } from './offload/calls.js';
export { createPool, type PoolCalls, type WorkerPool } from './offload/create-pool.js';
export { type FromThread, fromThread } from './offload/from-thread.js';
export type { MapOptions } from './offload/map.js';
export type { OffloadOptions } from './offload/options.js';
export { type ToProcess, toProcess } from './offload/to-process.js';
export { type ToThread, toThread } from './offload/to-thread.js';
export type { TaskTrace } from './offload/trace.js';
export type { WaitOptions } from './options.js';
export type { Death } from './pool/hand.js';
export type { Durations } from './pool/histogram.js';
export { Limiter, type LimiterStats } from './pool/limiter.js';
export type { PoolOptions } from './pool/pool.js';
export type { PoolStats, WorkerStats } from './pool/stats.js';
export { type Answer, type Base, canRun } from './run/base.js';
export type { HeldMessage, HeldSite, RunStats } from './run/held.js';
export { type Run, run } from './run/run.js';
export { type TurnLimits, type TurnStats, turn } from './run/turn.js';
export type { Address } from './task/address.js';
export { type InThread, type RunInThread, runInThread, type ThreadCalls } from './thread/in-thread.js';
export type { ThreadOptions } from './thread/job.js';
export type { ServiceStats } from './thread/service.js';
export { checkCancelled, currentSignal, handBack, report } from './worker/current.js';
