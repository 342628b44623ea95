// What the handlers do, as people write it: plain functions that block for some tens of milliseconds.
import { gzipSync } from 'node:zlib';
import { differences } from '../diff.mjs';
import { hashPassword } from '../work.mjs';

export { hashPassword };

const ids = Array.from({ length: 20_000 }, (_, id) => id);
const log = ids.map((id) => `GET /books/${(id * 7919) % 9973} 200 ${(id * 31) % 97} ms, ${id}`).join('\n');
const catalogue = (priceOf) =>
  ids.map((id) => ({
    id,
    title: `Book ${id}`,
    price: priceOf(id),
    shelf: { room: id % 9, place: id % 700 },
  }));
const yesterday = catalogue((id) => id % 50);
const today = catalogue((id) => (id % 400 === 0 ? 99 : id % 50));

/** The access log, to be downloaded. */
export const compressLog = () => gzipSync(log);

/** Every price that has changed since yesterday. */
export const comparePrices = () => differences(yesterday, today);
