// Every error that isthmus throws by itself, with its stable `code`. docs/errors tells each one's causes and cures;
// a test compares that page with this file in both directions.

/** What every error of isthmus has in common: a stable `code`. @since 0.1.0 */
export class IsthmusError extends Error {
  /** Stable across releases; compare this, never the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The work cannot be awaited here; the message says why and what to write instead. @since 0.1.0 */
export class CannotRunError extends IsthmusError {
  /** The obstacle alone, as `canRun().why` gives it. */
  readonly why: string;

  constructor(why: string, instead: string) {
    super('ERR_ISTHMUS_CANNOT_RUN', `run() cannot wait here: ${why}. ${instead}`);
    this.why = why;
  }
}

/** Nothing is left on this thread that could settle the promise. @since 0.1.0 */
export class NeverSettlesError extends IsthmusError {
  constructor(what = 'run()') {
    super(
      'ERR_ISTHMUS_NEVER_SETTLES',
      `${what} waited for a promise that nothing can settle any more: the event loop has no timer, request, handle or ` +
        'thread left. Check that the promise is resolved on every path.',
    );
  }
}

/** Calls are nested so deep that the stack would overflow, or each in a thread of its own. @since 0.1.0 */
export class TooDeepError extends IsthmusError {
  constructor(depth: number, kind: 'run' | 'runInThread' | 'toThread' | 'pool' = 'run') {
    super(
      'ERR_ISTHMUS_TOO_DEEP',
      kind === 'run'
        ? `run() is nested ${depth} levels deep and the stack that is left is not enough for one more. ` +
            'In a server, let handlers in by `await turn()`; elsewhere, `await` the inner work instead of running it.'
        : kind === 'pool'
          ? `${depth} tasks of one pool wait for calls that were made inside them, each with another worker in its place, and ` +
            'this call would need one more. Let the host give what the function needs as an argument.'
          : kind === 'toThread'
            ? `toThread() or toProcess() is nested ${depth} levels deep, and each level has a worker of its own. ` +
              'Inside a function that one of them runs, call blocking functions directly.'
            : `runInThread() is nested ${depth} levels deep, and each level has a thread of its own. ` +
              'Inside a function that runInThread() runs, call async functions with `await`.',
    );
  }
}

/** The caller was released because its `timeout` passed; the work was told by its signal. @since 0.1.0 */
export class TimeoutError extends IsthmusError {
  constructor(what: string, timeout: number) {
    super('ERR_ISTHMUS_TIMEOUT', `${what} did not finish within ${timeout} ms.`);
  }
}

/** More callers stand in line for their turn than the line may hold. @since 0.1.0 */
export class LineFullError extends IsthmusError {
  constructor(line: number) {
    super(
      'ERR_ISTHMUS_LINE_FULL',
      `turn() already has ${line} callers in line. Answer "busy", or raise it: turn.configure({ line: ${line * 2} }).`,
    );
  }
}

/** An argument or option is not what the call takes. @since 0.1.0 */
export class InvalidArgumentError extends IsthmusError {
  constructor(message: string) {
    super('ERR_ISTHMUS_INVALID_ARGUMENT', message);
  }
}

/** An argument, a result or a thrown value holds something that the other side cannot be sent. @since 0.1.0 */
export class UncloneableError extends IsthmusError {
  /** Where it is: `args[0].db.socket`. */
  readonly path: string;

  constructor(
    path: string,
    what: string,
    options?: ErrorOptions,
    instead = 'Send the plain data that the other side needs.',
    to: 'thread' | 'process' = 'thread',
  ) {
    super(
      'ERR_ISTHMUS_UNCLONEABLE',
      `${path} is ${what}, which cannot be sent to another ${to}. ${instead}`,
      options,
    );
    this.path = path;
  }

  /** Adds what the error said that could not be sent whole; it becomes the `cause`, without what is its own. */
  say(thrown: unknown): void {
    try {
      this.#say(thrown);
    } catch {
      // It cannot be read either: a Proxy, or a getter that throws.
    }
  }

  #say(thrown: unknown): void {
    if (!(thrown instanceof Error)) return;
    const bare = new Error(thrown.message);
    Object.defineProperty(bare, 'name', { value: thrown.name, configurable: true, writable: true });
    Object.defineProperty(bare, 'stack', { value: thrown.stack, configurable: true, writable: true });
    this.cause = bare;
    this.message = `${thrown.name}: ${thrown.message} (only this crosses, for ${this.message})`;
  }
}

/** The process that worked for the call has ended before it answered; the next call gets another one. @since 0.1.0 */
export class ProcessDiedError extends IsthmusError {
  constructor(what: string, why: string, options?: ErrorOptions) {
    super('ERR_ISTHMUS_PROCESS_DIED', `${what}: its process ended before it answered: ${why}.`, options);
  }
}

/** The thread that worked for the call has ended before it answered; the next call gets a new one. @since 0.1.0 */
export class ThreadDiedError extends IsthmusError {
  constructor(what: string, why: string, options?: ErrorOptions, when = 'ended before it answered') {
    super('ERR_ISTHMUS_THREAD_DIED', `${what}: its thread ${when}: ${why}.`, options);
  }
}

/** Both sides wait for each other; the message has the chain. @since 0.1.0 */
export class DeadlockError extends IsthmusError {
  constructor(chain: readonly [outer: string, callback: string, inner: string] | string) {
    super(
      'ERR_ISTHMUS_DEADLOCK',
      typeof chain === 'string'
        ? chain
        : `${chain[0]} waits for its thread, which waits for ${chain[1]} on this one, which would wait for ${chain[2]} on that ` +
            'thread. Call that function directly, or after the first call has returned.',
    );
  }
}

/** A callback was called after the call that it belongs to had ended. @since 0.1.0 */
export class CallOverError extends IsthmusError {
  constructor() {
    super(
      'ERR_ISTHMUS_CALL_OVER',
      'This function was passed to a call that has ended: its caller waits no longer, so nobody can run it. Call it ' +
        'before the function that it was passed to settles.',
    );
  }
}

/** The object of a face was released, by its disposal or by name; its thread no longer has it. @since 0.1.0 */
export class ReleasedError extends IsthmusError {
  constructor(what: string) {
    super(
      'ERR_ISTHMUS_RELEASED',
      `${what} was released: its thread no longer has the object. Make a new face, and use it before it is disposed of.`,
    );
  }
}

/** A function has no name by which another thread or process could find it; the message says why and what to write. @since 0.1.0 */
export class NoAddressError extends IsthmusError {
  /** The obstacle alone. */
  readonly why: string;

  constructor(why: string, instead: string) {
    super(
      'ERR_ISTHMUS_NO_ADDRESS',
      `The function cannot be found from another thread or process: ${why}. ${instead}`,
    );
    this.why = why;
  }
}

/** The module of a function could not be imported on the other side; `cause` is the import's own error. @since 0.1.0 */
export class LoadError extends IsthmusError {
  constructor(module: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { code } = (cause ?? {}) as { code?: unknown };
    const isTypeScript =
      code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' ||
      (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?(?:$|[?#])/.test(module));
    const hint = isTypeScript ? '. Run the program under a TypeScript loader: node --import tsx' : '';
    super('ERR_ISTHMUS_LOAD', `${module} could not be imported: ${reason}${hint}`, { cause });
  }
}

/** The pool was closed or destroyed: it takes no tasks, or the task was still pending. @since 0.1.0 */
export class PoolClosedError extends IsthmusError {
  constructor(what: string) {
    super('ERR_ISTHMUS_POOL_CLOSED', `${what}: its pool was closed.`);
  }
}

/** More tasks wait for the pool than its queue may hold. @since 0.1.0 */
export class QueueFullError extends IsthmusError {
  constructor(
    what: string,
    queue: number,
    held = "tasks wait already, which is the most that this pool's queue",
  ) {
    super('ERR_ISTHMUS_QUEUE_FULL', `${what}: ${queue} ${held} may hold. Try again later, or answer "busy".`);
  }
}

/** It works inside a function that a pool runs (`toThread`, `toProcess`), and this is none. @since 0.1.0 */
export class NotInThreadError extends IsthmusError {
  constructor() {
    super(
      'ERR_ISTHMUS_NOT_IN_THREAD',
      'fromThread.run() works inside a function that toThread() or toProcess() runs, and this code was not called by one. ' +
        'Here, call the function itself.',
    );
  }
}
