/** What isthmus needs beside the others' functions: a result that is moved says so itself. */
import { transfer } from '../../dist/index.js';

export const move = (bytes) => transfer(bytes);
