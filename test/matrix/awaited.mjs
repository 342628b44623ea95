// Everything that the matrix waits for, by name. A thing says:
//   title    what the table calls it
//   prepare  makes what it needs before the source is set up (may be async)
//   before   just before the source is fired, `after` just after it: for what is older than the call, or of its batch
//   get      inside the callback: the promise, and the value it must give (or `code`, when no value can come)
//   close    cleans up
//   needs    what the source's `site` must be able to do
//   rest     true when no turn of the loop is needed, so that it works in every place
import * as loop from './awaited/loop.mjs';
import * as outside from './awaited/outside.mjs';

// In the order of the table.
export const awaited = {
  settled: loop.settled,
  microtasks: loop.microtasks,
  nextTick: loop.nextTick,
  nothing: loop.nothing,
  idle: loop.idle,
  timerOlder: loop.timerOlder,
  timerNewer: loop.timerNewer,
  timerSame: loop.timerSame,
  immediateOlder: loop.immediateOlder,
  immediateNewer: loop.immediateNewer,
  fsPromise: loop.fsPromise,
  fsBatch: loop.fsBatch,
  dnsLookup: loop.dnsLookup,
  cryptoScrypt: loop.cryptoScrypt,
  port: loop.port,
  childExit: outside.childExit,
  childBatch: outside.childBatch,
  listen: outside.listen,
  serverClose: outside.serverClose,
  socketClose: outside.socketClose,
  socketOther: outside.socketOther,
  socketSame: outside.socketSame,
  fetchSelf: outside.fetchSelf,
  worker: outside.worker,
  workerExit: outside.workerExit,
  wasm: loop.wasm,
  dynamicImport: loop.dynamicImport,
  abortTimeout: loop.abortTimeout,
  waitAsync: loop.waitAsync,
};
