// Every task settles once, with its own answer, whatever happens to the others: 12,000 tasks of threads and 2,400 of processes,
// shared out among the lines. ISTHMUS_SEED repeats a run; `npm run soak:pool` makes a long one.
import assert from 'node:assert/strict';
import { soakOnLines } from './on-lines.mjs';

const url = new URL('pool.mjs', import.meta.url);

function check(t, { done, ms, started, deaths }, stdout, ways) {
  t.diagnostic(`${started} workers, ${(ms / 1000).toFixed(1)} s, ${JSON.stringify(deaths)}`);
  for (const [name, times] of Object.entries(done)) assert.ok(times > 0, `there was no task of ${name}`);
  assert.ok(started > 20 && ways.every((way) => deaths[way] > 0), stdout);
}

soakOnLines({ url, total: 12_000, what: 'tasks of threads', limit: 180_000 }, (...all) =>
  check(...all, ['exit', 'error', 'memory', 'given up']),
);
soakOnLines(
  { url, total: 2400, what: 'tasks of processes', limit: 240_000, args: ['--kind', 'process'] },
  (...all) => check(...all, ['exit', 'error', 'signal', 'given up']),
);
