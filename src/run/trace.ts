// The JavaScript stack as text. Users set `Error.stackTraceLimit` and `prepareStackTrace`, or freeze both.

/** The places on the stack, `file:line:column` at the end of each line, the innermost first; empty where it cannot be had. */
export function trace(limit: number): string[] {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = limit;
  } catch {
    // Frozen: then as much as there is.
  }
  try {
    return String(new Error().stack).split('\n').slice(1);
  } catch {
    return [];
  } finally {
    try {
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // It was not changed either.
    }
  }
}
