/** The child process of the pair that only sends messages. */
import { add, echo } from './functions.mjs';

const functions = { add, echo };
process.on('message', ([id, name, a, b]) => process.send([id, functions[name](a, b)]));
process.on('disconnect', () => process.exit());
