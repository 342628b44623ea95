// What is published of each task: the channels of a `TracingChannel`, as node:diagnostics_channel defines them, on which
// OpenTelemetry and the like can hook. While nobody listens it costs one look.
import diagnostics from 'node:diagnostics_channel';

const { tracingChannel } = diagnostics;

/** What the channels `tracing:isthmus:task:*` are given; one object for each task. */
export interface TaskTrace {
  /** `toThread(render)`, or by the option `name`. */
  readonly what: string;
  /** What the task has given, at `asyncEnd`; or `error` what it was rejected with. */
  readonly result?: unknown;
  readonly error?: unknown;
  /**
   * ms before it has begun, and since then; and the `threadId` of its thread, or the `pid` of its process. Known at `asyncEnd`, where it
   * has run; where it was not answered, `runMs` is the most that it can have run.
   */
  readonly waitMs?: number;
  readonly runMs?: number;
  readonly threadId?: number;
  readonly pid?: number;
}

/** Undefined on a runtime that has no such channels. */
const channel = (tracingChannel as typeof tracingChannel | undefined)?.<unknown, TaskTrace>('isthmus:task');

/** Does anybody listen? */
export function isTraced(): boolean {
  return channel?.hasSubscribers === true;
}

/** Runs `work`, which fills in what it is given, and publishes what becomes of it. */
export function traced(what: string, work: (trace: TaskTrace) => Promise<unknown>): Promise<unknown> {
  const trace: TaskTrace = { what };
  return (channel as NonNullable<typeof channel>).tracePromise(() => work(trace), trace);
}
