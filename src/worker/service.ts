// The service thread's entry: built as a file of its own beside the package, and started by src/thread/service.ts.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { State, Words } from '../channel/words.js';
import { fs } from '../fs.js';
import { classAt, classOf, find } from '../task/load.js';
import { setWorkerDepth } from './current.js';
import { writeThrough } from './output.js';
import { serve } from './serve.js';

const { memory, bulk, depth } = workerData as { memory: SharedArrayBuffer; bulk: MessagePort; depth: number };
setWorkerDepth(depth);
const words = new Words(memory);

try {
  words.thread = Number(fs.readlinkSync('/proc/thread-self').split('/').at(-1));
} catch {
  // Not Linux: the caller has to do without.
}
process.on('exit', (code) => {
  words.exitCode = code;
  words.state = State.gone;
});
writeThrough(process.stdout, 1);
writeThrough(process.stderr, 2);

serve(words, bulk, parentPort as MessagePort, { load: find, classAt, classOf });
words.state = State.ready;
