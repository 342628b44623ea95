// Makes many faces on the service thread, drops them, and prints how many of their objects are gone: needs --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { runInThread, syncFace } from 'isthmus';
import { goneNow, Watched } from './in-thread-things.mjs';

const limited = runInThread.with({ timeout: 20_000 });
const kept = syncFace.inThread(Watched);
const child = kept.child();
const MANY = 200;
for (let i = 0; i < MANY; i++) {
  syncFace.inThread(Watched);
  if (kept.self === 5) break;
  kept.child();
  // Sent twice, held once.
  if (kept.itself === child) break;
}
// An iteration that is begun and forgotten.
for (let i = 0; i < 20; i++) kept.children().next();
let seen = [];
for (let round = 0; round < 50; round++) {
  globalThis.gc();
  await turn();
  seen = limited(goneNow);
  if (seen[0] >= 2 * MANY && seen[1] >= 15) break;
}
console.log(
  JSON.stringify({ gone: seen[0], closed: seen[1], alive: [kept.weight.length, child.weight.length] }),
);
