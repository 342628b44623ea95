// The lane of a pool's process: a thread that hears while the main one works.
//
// Guarantees:
// - what the pool calls back is answered at once, and never begins then;
// - a running task can see at once that it was given up;
// - when the pool has let the process go, or is gone in whatever way, the process ends: by itself, or it is killed.
import { Socket } from 'node:net';
import { type MessagePort, workerData } from 'node:worker_threads';
import { Seat } from '../channel/board.js';
import { Claims } from '../channel/claims.js';
import { Errand, type ToWorker } from '../channel/errands.js';
import { LANE, LAST_WORDS, NONE, type Numbered, Pipe } from '../channel/pipes.js';
import { deserialize } from '../channel/serial.js';
import { Inlet, Outlet } from '../channel/wire.js';

const { seat, claims, errands } = workerData as {
  seat: SharedArrayBuffer;
  claims: SharedArrayBuffer;
  errands: MessagePort;
};

const mine = new Seat(0, seat);
const decided = new Claims(claims);
const pipe = new Socket({ fd: Pipe.lane, readable: true, writable: true });
const out = new Outlet((bytes) => pipe.write(bytes));
let recalled: number[] = [];

const inlet = new Inlet((_, body) => {
  const [number, errand] = deserialize(body) as Numbered & [number, ToWorker | undefined];
  if (number !== NONE && decided.recall(number)) recalled.push(number);
  else if (errand !== undefined) {
    if (errand[0] === Errand.abort) mine.aborted = errand[1];
    errands.postMessage(errand);
    if (errand[0] === Errand.reply) mine.replied();
  }
});

pipe.on('data', (chunk: Buffer) => {
  inlet.push(chunk);
  if (recalled.length === 0) return;
  out.add(LANE, recalled);
  recalled = [];
});
pipe.on('error', () => {});
pipe.on('close', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_WORDS);
});
