// What faces and iterators here ask of the thread that their objects live on.
import type { OffloadOptions } from '../offload/options.js';
import type { AsyncHandle } from './async-handle.js';

/** How a call is made. */
export type CallOptions = Pick<OffloadOptions, 'signal' | 'timeout' | 'transfer' | 'grace'>;

/** What the worker finds an operation by, and how many of its arguments are not the caller's. */
export class Operation {
  constructor(
    readonly operation: string,
    readonly own: number,
  ) {}
}

export const MAKE = new Operation('make', 1);
export const INVOKE = new Operation('invoke', 2);
export const APPLY = new Operation('apply', 2);
export const CONSTRUCT = new Operation('construct', 1);
export const GET = new Operation('get', 2);
export const SET = new Operation('set', 2);
export const RUN = new Operation('run', 2);
export const ITERATE = new Operation('iterate', 1);
export const PULL = new Operation('pull', 2);
export const STEP = new Operation('step', 2);
export const DISPOSE = new Operation('dispose', 1);
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
  /** Takes no more calls; settles when those that there are, and the thread, have ended. */
  end(): Promise<void>;
}
