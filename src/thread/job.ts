// What a call of the service thread is, beside its arguments.

import type { Parts } from '../channel/link.js';
import type { Scope } from '../channel/scope.js';
import type { TransferListItem } from '../channel/transfer-list.js';
import type { WaitOptions } from '../options.js';

/** How a call on the service thread is made. */
export interface ThreadOptions extends WaitOptions {
  /** What is moved instead of copied: ArrayBuffers, MessagePorts. The caller's are unusable afterwards. */
  readonly transfer?: readonly TransferListItem[] | undefined;
  /**
   * Sends the function by its source instead of finding it by its module: for one that is not exported, or of the entry
   * module. It may use its arguments and globals, and nothing else: what it captures is refused by name. Default: false.
   */
  readonly bySource?: boolean | undefined;
}

export interface Job {
  /** The function, or what stands for its address: the same object is the same function. */
  readonly key: object;
  /** Where the other side finds it; asked for once for each thread. */
  readonly target: (key: object) => unknown;
  /** For messages: `runInThread(render)`. */
  readonly what: string;
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly transfer?: readonly TransferListItem[] | undefined;
  /** What the calls of one iteration share. */
  readonly scope?: Scope | undefined;
  /** The functions in the arguments are listeners: they can be called as long as the thread lives. */
  readonly listens?: boolean;
  /** What these functions are given, where it is no plain data, are handles. */
  readonly faces?: boolean;
  /** What the parts of its message are called in an error. */
  readonly parts?: Parts;
  /** That of what the call makes, where it is known here. */
  readonly prototype?: object | undefined;
}
