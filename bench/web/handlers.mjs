/** The same as handlers of isthmus: plain exported functions. */
import * as work from './work.mjs';

export const cpu = ({ params }) => ({ value: work.cpu(params.x) });
export const sleep = ({ params }) => ({ value: work.sleep(params.x) });
export const add = ({ params }) => ({ value: work.add(params.x) });
