// The entry of a process's lane, a thread that hears while the main one works: built as a file of its own beside the package.
//
// Guarantees:
// - what the pool calls back is answered at once, and never begins then;
// - a running task can see at once that it was given up;
// - when the pool has let the process go, or is gone in whatever way, the process ends: by itself, or it is killed.
import { type MessagePort, workerData } from 'node:worker_threads';
import { Seat } from '../channel/board.js';
import { Claims } from '../channel/claims.js';
import { Errand, type ToWorker } from '../channel/errands.js';
import { LANE, LAST_WORDS, NONE, Pipe } from '../channel/pipes.js';
import { deserialize } from '../channel/serial.js';
import { Inlet, Outlet } from '../channel/wire.js';
import { open } from './pipe.js';

const { seat, claims, errands } = workerData as {
  seat: SharedArrayBuffer;
  claims: SharedArrayBuffer;
  errands: MessagePort;
};

const mine = new Seat(0, seat);
const decided = new Claims(claims);
let recalled: number[] = [];

const inlet = new Inlet((_, body) => {
  const [number, errand] = deserialize(body) as readonly [number: number, errand: ToWorker | undefined];
  if (number !== NONE && decided.recall(number)) recalled.push(number);
  else if (errand !== undefined) {
    if (errand[0] === Errand.abort) mine.aborted = errand[1];
    errands.postMessage(errand);
    if (errand[0] === Errand.reply) mine.replied();
  }
});

const hear = (chunk: Buffer): void => {
  inlet.push(chunk);
  if (recalled.length === 0) return;
  out.add(LANE, recalled);
  recalled = [];
};
const write = open(Pipe.lane, hear, () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS);
});
const out = new Outlet(write);
// As long as there is a process.
setInterval(() => {}, 0x7fffffff);
