/** Workerpool's worker, on a thread or in a process. */
import workerpool from 'workerpool';
import { add, echo } from './functions.mjs';

workerpool.worker({ add, echo, move: (bytes) => new workerpool.Transfer(bytes, [bytes.buffer]) });
