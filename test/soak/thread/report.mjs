// What the soak shows: a bar while it runs, where somebody looks on, and a table when it is done.
const number = (n) => Math.round(n).toLocaleString('en');
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Draws at most ten times a second, on a terminal only. */
export function progressBar(total, stream) {
  if (!stream.isTTY) return { at() {}, end() {} };
  const began = performance.now();
  let drawn = 0;
  return {
    at(done) {
      const now = performance.now();
      if (now - drawn < 100) return;
      drawn = now;
      const share = done / total;
      const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '·');
      const left = done > 0 ? `, ${duration(((now - began) / done) * (total - done))} left` : '';
      stream.write(
        `\r\x1b[K${bar} ${Math.floor(share * 100)} %, ${number(done)} of ${number(total)} calls${left}`,
      );
    },
    end: () => stream.write('\r\x1b[K'),
  };
}

/** Lines of two or three columns; a line without columns is a heading. */
function table(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, ...columns]) =>
    columns.length === 0
      ? `\n${name}`
      : `  ${name.padEnd(width)}${columns.map((text) => text.padStart(12)).join('')}`,
  );
}

/** `done`: per act `{ group, calls, ms }`; `memory`: `{ start, end }`. */
export function summary({ done, tally, threads, ms, calls, memory }) {
  const rows = [];
  for (const group of ['calls', 'timeouts', 'deaths']) {
    const acts = Object.entries(done).filter(([, act]) => act.group === group && act.calls > 0);
    rows.push([group]);
    for (const [name, act] of acts) {
      rows.push([name, number(act.calls), `${((act.ms / act.calls) * 1000).toFixed(0)} µs`]);
    }
    rows.push(['together', number(acts.reduce((sum, [, act]) => sum + act.calls, 0)), '']);
  }
  rows.push(['what came of it']);
  rows.push(['too late, by a TimeoutError', number(tally.timeouts), '']);
  rows.push(['in time after all', number(tally.inTime), '']);
  rows.push(['died in their own call', number(tally.deaths), '']);
  rows.push(['died of an earlier call', number(tally.strays), '']);
  rows.push(['threads started', number(threads), '']);
  rows.push(['calls', number(calls), duration(ms)]);
  rows.push(['', 'at first', 'at last']);
  for (const key of ['heap', 'rss']) {
    rows.push([key, megabytes(memory.start[key]), megabytes(memory.end[key])]);
  }
  for (const key of ['threads', 'descriptors']) {
    rows.push([key, number(memory.start[key]), number(memory.end[key])]);
  }
  return table(rows).join('\n');
}
