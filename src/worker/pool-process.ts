// The entry of a pool's worker process: built as a file of its own beside the package, and started by src/pool.
import { MessageChannel, Worker } from 'node:worker_threads';
import { Seat } from '../channel/board.js';
import { Claims } from '../channel/claims.js';
import { classAt, classOf, find } from '../task/load.js';
import { setWorkerDepth } from './current.js';
import { stepBack } from './nice.js';
import { PipeWork } from './pipe-work.js';
import { residence } from './residence.js';

const [index, depth, nice] = process.argv.slice(2).map(Number) as [number, number, number];
// The program's own arguments are none of a worker's.
process.argv.length = 2;
process.title = `isthmus pool ${index}`;
// These go to every process of a terminal, or of a service: what becomes of this one, its pool says, or that it is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const seat = new Seat(index);
const claims = new Claims();
const { port1, port2 } = new MessageChannel();
setWorkerDepth(depth);
stepBack(nice);
new PipeWork(seat, claims, port1, residence({ load: find, classAt, classOf }));

// Last, for it takes a while; no task begins before this file has been run to its end.
const lane = new Worker(new URL('./pool-lane.js', import.meta.url), {
  execArgv: [],
  workerData: { seat: seat.memory, claims: claims.memory, errands: port2 },
  transferList: [port2],
  name: 'isthmus lane',
});
lane.unref();
