// The entry of a pool's worker thread: built as a file of its own beside the package, and started by src/pool.
import { type MessagePort, workerData } from 'node:worker_threads';
import { Board, Seat } from '../channel/board.js';
import { classAt, classOf, find } from '../task/load.js';
import { BoardWork } from './board-work.js';
import { setWorkerDepth } from './current.js';
import { stepBack } from './nice.js';
import { writeThrough } from './output.js';
import { residence } from './residence.js';

const { board, seat, worker, bulk, errands, definitions, isSpare, depth, nice } = workerData as {
  board: SharedArrayBuffer;
  seat: SharedArrayBuffer;
  worker: number;
  bulk: MessagePort;
  errands: MessagePort;
  definitions: Map<number, unknown>;
  isSpare: boolean;
  depth: number;
  nice: number;
};

setWorkerDepth(depth);
// Elsewhere it would be this whole process's.
if (process.platform === 'linux') stepBack(nice);
writeThrough(process.stdout, 1);
writeThrough(process.stderr, 2);
new BoardWork(
  new Board(board),
  new Seat(worker, seat),
  bulk,
  errands,
  residence({ load: find, classAt, classOf }),
  definitions,
  isSpare,
);
