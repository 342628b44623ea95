// The other end of child_process.fork: it makes calls of its own.
import { runInThread } from 'isthmus';
import { add } from './functions.mjs';

process.send(runInThread(add, 20, 22), () => process.disconnect());
