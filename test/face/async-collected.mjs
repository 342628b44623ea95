// Makes many async faces, drops them, and prints how many of their objects, iterations and threads are gone: needs --expose-gc.
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { asyncFace } from 'isthmus';
import { goneNow, Watched } from './in-thread-things.mjs';

const threads = () => readdirSync('/proc/self/task').length;
const kept = await asyncFace.with({ timeout: 20_000 })(Watched);
const child = await kept.child();
const MANY = 200;
for (let i = 0; i < MANY; i++) {
  await kept.child();
  // Sent twice, held once.
  if ((await kept.itself) === 5) break;
}
// An iteration that is begun and forgotten.
for (let i = 0; i < 20; i++) await (await kept.children()).next();
let seen = [];
for (let round = 0; round < 50; round++) {
  globalThis.gc();
  await turn();
  seen = await asyncFace.run(kept, goneNow);
  if (seen[0] >= MANY && seen[1] >= 15) break;
}
const before = threads();
const pending = [];
for (let i = 0; i < 5; i++) {
  const face = await asyncFace(Watched);
  // Its object has to live until this has ended.
  pending.push(face.child());
}
await Promise.all(pending);
pending.length = 0;
const most = threads();
for (let round = 0; round < 2000 && threads() > before + 1; round++) {
  globalThis.gc();
  await turn();
}
console.log(
  JSON.stringify({
    gone: seen[0],
    closed: seen[1],
    alive: [(await kept.weight).length, (await child.weight).length],
    threads: [most - before, threads() - before],
  }),
);
