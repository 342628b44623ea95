// Every task settles once, with its own answer, whatever happens to the others: 12,000 tasks, shared out among the lines.
// ISTHMUS_SEED repeats a run; `npm run soak:pool` makes a long one.
import assert from 'node:assert/strict';
import { soakOnLines } from './on-lines.mjs';

const url = new URL('pool.mjs', import.meta.url);

soakOnLines({ url, total: 12_000, what: 'tasks', limit: 180_000 }, (t, summary, stdout) => {
  const { done, ms, started, deaths } = summary;
  t.diagnostic(`${started} workers, ${(ms / 1000).toFixed(1)} s, ${JSON.stringify(deaths)}`);
  for (const [name, times] of Object.entries(done)) assert.ok(times > 0, `there was no task of ${name}`);
  assert.ok(started > 20 && Object.values(deaths).every((times) => times > 0), stdout);
});
