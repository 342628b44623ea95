// What must be true after a load.
const HEAP_SLACK = 12 << 20;

/** Ends of clients that went away: their errors, not ours. */
const GONE = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'];

// In front of the gate no handler is refused. Without it a depth limit protects the stack; and where a body comes with
// its head, the first await goes on inside Node's parser, or waits for a close that the frame below holds back.
function refusals(gate, bodies) {
  if (gate === 'turn') return [];
  const deep = ['GET ERR_ISTHMUS_TOO_DEEP', 'POST ERR_ISTHMUS_TOO_DEEP'];
  return bodies === false ? deep : [...deep, 'POST ERR_ISTHMUS_CANNOT_RUN'];
}

export function check({ gate, batch = 64, burst, bodies }, { counts, account, complaints }) {
  const wrong = [...complaints];
  const demand = (truth, text) => truth || wrong.push(text);
  if (!counts || !account) return wrong;
  const { before, after, seen, wait, codes } = account;

  demand(
    counts.wrongs === 0,
    `${counts.wrongs} wrong answers, such as ${JSON.stringify(counts.wrong.slice(0, 3))}`,
  );
  demand(counts.answers > 0 && seen.served > 0, 'nobody was served');
  if (burst)
    demand(
      counts.answers === burst && counts.unanswered === 0,
      `${counts.answers} of ${burst} were answered`,
    );
  for (const [kind, count] of Object.entries(codes)) {
    const known = refusals(gate, bodies).includes(kind) || GONE.includes(kind.split(' ')[1]);
    demand(known, `${count} handlers failed with ${kind}`);
  }
  if (gate === 'turn') {
    const late = wait.max > 20 * wait.median && wait.max > 3000;
    demand(!late, `a request waited ${Math.round(wait.max)} ms, the median is ${Math.round(wait.median)}`);
    demand(seen.outOfOrder === 0, `${seen.outOfOrder} requests were let in before one that had come earlier`);
    demand(
      // A handler that fetches from its own server may need the next batch on top of its own.
      seen.mostInside <= batch * (1 + seen.mended),
      `${seen.mostInside} handlers were inside run at once; the batch is ${batch}`,
    );
    demand(
      (counts.cutOff ?? 0) === 0,
      `${counts.cutOff} connections were still open 5 s after the last arrival`,
    );
  }
  demand(
    account.inFlight === 0,
    `${account.inFlight} handlers never came to an end: ${JSON.stringify(account.stuck)}`,
  );
  demand(account.open === 0, `${account.open} connections are still open`);
  demand(
    JSON.stringify(before.resources) === JSON.stringify(after.resources),
    `resources: ${summary(before.resources)} before, ${summary(after.resources)} after`,
  );
  demand(
    before.descriptors === after.descriptors,
    `descriptors: ${before.descriptors} before, ${after.descriptors} after`,
  );
  const grown = after.heap - before.heap;
  demand(grown < HEAP_SLACK, `the heap grew by ${(grown / (1 << 20)).toFixed(1)} MB`);
  demand(
    account.restless < 0.5,
    `the idle server's loop is busy for ${Math.round(account.restless * 100)} % of the time`,
  );
  return wrong;
}

function summary(resources) {
  const counts = new Map();
  for (const name of resources) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
}

export function describeLoad({ counts, account }) {
  if (!counts || !account) return 'no account';
  const { seen, wait, codes, before, after } = account;
  const round = (ms) => Math.round(ms ?? 0);
  return [
    `served ${seen.served}, gone ${seen.gone}, answers ${counts.answers} on ${counts.connections ?? '?'} connections`,
    `wait median ${round(wait.median)}, p99 ${round(wait.p99)}, max ${round(wait.max)} ms`,
    `most inside ${seen.mostInside}`,
    `statuses ${JSON.stringify(counts.statuses)}, failed ${JSON.stringify(codes)}`,
    `heap ${(before.heap / (1 << 20)).toFixed(1)} → ${(after.heap / (1 << 20)).toFixed(1)} MB, fds ${before.descriptors} → ${after.descriptors}`,
  ].join('; ');
}
