// What must be true after a load of an adapter's server, and what a reader is told of it.
const HEAP_SLACK = 12 << 20;

/** What was not given back: [what, before, after]. */
const grown = (before, after) =>
  [
    ['threads', before.threads, after.threads],
    ['descriptors', before.descriptors, after.descriptors],
    ['resources', before.resources.join(), after.resources.join()],
  ].filter(([, old, now]) => old !== now);

export function check({ adapter, behaviours, connections }, { counts, account, complaints }) {
  const wrong = [...complaints];
  const demand = (truth, text) => truth || wrong.push(text);
  if (!counts || !account) return wrong;
  const { before, after, ping, again, pools, turn, restless } = account;
  const examples = JSON.stringify(counts.wrong.slice(0, 3));
  demand(counts.wrongs === 0, `${counts.wrongs} wrong answers, such as ${examples}`);
  demand(counts.answers > 0, 'nobody was served');
  if (connections !== undefined) {
    demand(counts.connections === connections, `${counts.connections} of ${connections} connections`);
  }
  demand(counts.cutOff === 0, `${counts.cutOff} connections were still open 5 s after the last arrival`);
  demand(ping === '200 pong', `after it, /ping is ${ping}`);
  if (adapter !== 'http') demand(again === '200 patient 7', `after it, a worker says ${again}`);
  for (const [name, { running, queued, abandoned, workers }] of Object.entries(pools)) {
    const left = [running, queued, abandoned, workers.length];
    demand(
      left.every((count) => count === 0),
      `of the pool ${name} are left: ${left}`,
    );
  }
  demand(turn.waiting === 0, `${turn.waiting} are in line`);
  for (const [what, old, now] of grown(before, after)) wrong.push(`${what}: ${old} before, ${now} after`);
  const more = after.heap - before.heap;
  demand(more < HEAP_SLACK, `the heap grew by ${(more / (1 << 20)).toFixed(1)} MB`);
  demand(restless < 0.5, `the idle server's loop is busy for ${Math.round(restless * 100)} % of the time`);
  if (behaviours === undefined) return wrong;
  const died = Object.values(pools).reduce((sum, { deaths }) => sum + deaths.exit + deaths['given up'], 0);
  demand(died > 0, 'no worker has died');
  demand(counts.statuses[503] > 0, 'nobody was told to come back');
  return wrong;
}

export function describeLoad({ counts, account }) {
  if (!counts || !account) return 'no account';
  const { before, after, pools } = account;
  const mb = (bytes) => (bytes / (1 << 20)).toFixed(1);
  const sum = (read) => Object.values(pools).reduce((all, pool) => all + read(pool), 0);
  const deaths = JSON.stringify(pools.doomed?.deaths ?? {});
  return [
    `${counts.connections} connections, ${counts.answers} answers, statuses ${JSON.stringify(counts.statuses)}`,
    `${sum(({ completed }) => completed)} tasks, ${sum(({ failed }) => failed)} failed or given up, deaths ${deaths}`,
    `heap ${mb(before.heap)} → ${mb(after.heap)} MB, rss ${mb(before.rss)} → ${mb(after.rss)} MB`,
    `threads ${before.threads} → ${after.threads}, descriptors ${before.descriptors} → ${after.descriptors}`,
  ].join('; ');
}
