// Which of this package's errors mean "not now": they are answered by 503, and when to come back.
import { LineFullError, PoolClosedError, QueueFullError, TimeoutError } from '../index.js';

/** Seconds after which a client may try again. */
export const RETRY_AFTER = '1';

/** Is the server busy, or closing? Then the error says so, where it has no status of its own. */
export function isBusy(error: unknown): boolean {
  if (
    !(error instanceof QueueFullError) &&
    !(error instanceof TimeoutError) &&
    !(error instanceof LineFullError) &&
    !(error instanceof PoolClosedError)
  )
    return false;
  const told = error as { statusCode?: number };
  told.statusCode ??= 503;
  return told.statusCode === 503;
}
