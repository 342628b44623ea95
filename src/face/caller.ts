// What faces and iterators here ask of the thread that their objects live on.
import type { OffloadOptions } from '../offload/options.js';
import type { AsyncHandle } from './async-handle.js';

/** How a call is made. */
export type CallOptions = Pick<OffloadOptions, 'signal' | 'timeout' | 'transfer' | 'grace'>;

/**
 * What the worker finds an operation by, and how many of its arguments are not the caller's. A `step` of an iteration is still
 * made when the object is just being disposed of, and so is an `end`, for which no queue is too full.
 */
export class Operation {
  constructor(
    readonly operation: string,
    readonly own: number,
    readonly kind: 'call' | 'step' | 'end' = 'call',
  ) {}
}

export const MAKE = new Operation('make', 1);
export const INVOKE = new Operation('invoke', 2);
export const APPLY = new Operation('apply', 2);
export const CONSTRUCT = new Operation('construct', 1);
export const GET = new Operation('get', 2);
export const SET = new Operation('set', 2);
export const RUN = new Operation('run', 2);
export const ITERATE = new Operation('iterate', 1, 'step');
export const PULL = new Operation('pull', 2, 'step');
export const STEP = new Operation('step', 2, 'step');
export const RETURN = new Operation('step', 2, 'end');
export const DISPOSE = new Operation('dispose', 1, 'end');
export const RELEASE = new Operation('release', 2);

/** Who makes the calls. */
export interface Caller {
  readonly options: CallOptions;
  /** It takes no more calls. */
  readonly isOver: boolean;
  /** `face` is whose call it is, where its object may have been let go. */
  call(
    operation: Operation,
    what: string,
    args: readonly unknown[],
    options: CallOptions,
    face?: object,
  ): Promise<unknown>;
  wasReleased(face: object): boolean;
  /** Lets an object go. */
  release(face: object): void;
  /** Another face of the same object, whose calls are made with these options. */
  view(handle: AsyncHandle, options: CallOptions): object;
  /** What a call with these options has given, as those see it who have called so: its faces have them too. */
  seen(given: unknown, options: CallOptions): unknown;
  /** A step of an iteration: an end of the thread that is asked for from now on comes after it. */
  hold(step: Promise<unknown>): void;
  /**
   * Takes no more calls; settles when those that there are, the first one's `last`, and the thread, have ended. After
   * `timeout` ms it is rejected, and another `grace` ms later the thread is made to end.
   */
  end(what: string, options: CallOptions, last: () => Promise<unknown>): Promise<void>;
}
