// The cells that may answer with a named error, and with which: everything that is not here must give its value.
// A cell that starts to be refused by mistake is not here, so it fails.
import { awaited } from './awaited.mjs';

const CANNOT_RUN = 'ERR_ISTHMUS_CANNOT_RUN';
const TIMEOUT = 'ERR_ISTHMUS_TIMEOUT';
const NEVER_SETTLES = 'ERR_ISTHMUS_NEVER_SETTLES';

/** Whatever needs a turn of the loop is refused; what settles without one works. */
const everyTurn = Object.fromEntries(
  Object.entries(awaited)
    .filter(([, thing]) => !thing.rest)
    .map(([name]) => [name, CANNOT_RUN]),
);

/** The handle of the callback itself is closing and kept back while the callback runs: all that is left is its 'close'. */
const heldClose = { nothing: [CANNOT_RUN, NEVER_SETTLES] };

/** While a process exits Node drops every nextTick, and with it what is told by one. */
const told = ['nextTick', 'listen', 'serverClose', 'socketClose', 'socketOther', 'fetchSelf'];

/** The channel itself waits for the callback to return before it gives the next piece. */
const serial = { socketSame: TIMEOUT };

export const refusals = {
  // Inside Node's HTTP parser.
  httpRequest: everyTurn,
  httpPackedAwait: everyTurn,
  httpBody: everyTurn,
  httpBodyAwait: everyTurn,
  httpResponse: everyTurn,
  // Inside OpenSSL's state machine, which the first await does not leave.
  tlsDataSync: everyTurn,
  tlsDataMicrotask: everyTurn,
  httpsRequest: everyTurn,
  httpsRequestAwait: everyTurn,
  // Inside nghttp2.
  http2Stream: everyTurn,
  http2StreamAwait: everyTurn,
  childExit: heldClose,
  signal: heldClose,
  addonThreadsafe: heldClose,
  webSocket: serial,
  stdinData: serial,
  exit: Object.fromEntries(told.map((name) => [name, [NEVER_SETTLES, CANNOT_RUN]])),
};

/** The codes that a cell may answer with when it gives no value. */
export function expectedCodes(sourceName, source, awaitedName) {
  const refused = refusals[sourceName]?.[awaitedName];
  if (refused) return [refused].flat();
  if (awaitedName !== 'nothing') return [];
  return [source.alive ? TIMEOUT : NEVER_SETTLES];
}
