import { runInThread, syncFace, toThread } from '../../../dist/index.js';
import { add, Length, Unit } from './functions.js';

const sum: number = runInThread.with({ timeout: 20_000 })(add, 1, 2);
const length = syncFace.with({ timeout: 20_000 }).inThread(Length, 4, Unit.metre);
const offloaded: number = await toThread.with({ timeout: 20_000 })(add, 3, 4);
console.log(JSON.stringify([sum, length.twice(), offloaded]));
