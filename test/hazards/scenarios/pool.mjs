// Row a: completions of the thread pool come in batches.
import { scrypt } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { stat } from 'node:fs';
import { stat as statPromise } from 'node:fs/promises';
import { promisify } from 'node:util';
import { block, calm, within } from '../kit.mjs';

export async function fsFromItsOwnBatch(run) {
  let later;
  await within(
    (callback) => {
      stat('/', callback);
      later = statPromise('/');
      block(50);
    },
    () => {
      run(later);
      calm(run);
    },
  );
}

async function raceThenEach(run, promises, ms) {
  block(ms);
  await Promise.race(promises);
  for (const promise of promises) run(promise);
  calm(run);
}

export const fsAfterAwait = (run) =>
  raceThenEach(
    run,
    ['/', '.', '/'].map((path) => statPromise(path)),
    50,
  );
export const lookups = (run) =>
  raceThenEach(
    run,
    [1, 2, 3].map(() => dns.lookup('localhost')),
    100,
  );
export const scrypts = (run) =>
  raceThenEach(
    run,
    [1, 2, 3, 4].map(() => promisify(scrypt)('a', 'b', 16)),
    500,
  );
