// `node:fs`, by require: as an ES module it takes 2 to 3 ms of every start, here and in each worker, because the runtime then reads
// each of its exports, and loads what is behind those that it would load when they are used.
import { createRequire } from 'node:module';

export const fs = createRequire(import.meta.url)('node:fs') as typeof import('node:fs');
