// Every answer belongs to its own call, whatever happens to the others: 20,000 calls, shared out among the lines.
// ISTHMUS_SEED repeats a run; `npm run soak:thread` makes a long one.
import assert from 'node:assert/strict';
import { soakOnLines } from './on-lines.mjs';

const url = new URL('thread.mjs', import.meta.url);

soakOnLines({ url, total: 20_000, what: 'calls', limit: 120_000 }, (t, summary, stdout) => {
  const { done, tally, threads, ms, memory } = summary;
  t.diagnostic(`${threads} threads, ${(ms / 1000).toFixed(1)} s, ${JSON.stringify(tally)}`);
  t.diagnostic(JSON.stringify(memory));
  for (const [name, act] of Object.entries(done)) assert.ok(act.calls > 0, `there was no call of ${name}`);
  assert.ok(tally.timeouts > 0 && tally.deaths > 0 && threads > tally.deaths, stdout);
});
