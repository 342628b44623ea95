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
  constructor() {
    super(
      'ERR_ISTHMUS_NEVER_SETTLES',
      'run() waited for a promise that nothing can settle any more: the event loop has no timer, request, handle or ' +
        'thread left. Check that the promise is resolved on every path.',
    );
  }
}

/** Calls are nested so deep that the stack would overflow. @since 0.1.0 */
export class TooDeepError extends IsthmusError {
  constructor(depth: number) {
    super(
      'ERR_ISTHMUS_TOO_DEEP',
      `run() is nested ${depth} levels deep and the stack that is left is not enough for one more. ` +
        'In a server, let handlers in by `await turn()`; elsewhere, `await` the inner work instead of running it.',
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
