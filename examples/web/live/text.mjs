// The same numbers for a terminal: each way is tried for some seconds, then there is a table.
import { counted, duration, perSecond, places } from './page/format.js';
import { jobs, ways } from './ways.mjs';

const isTerminal = process.stdout.isTTY === true;
const columns = [
  ['way', 15],
  ['calls/s', -8],
  ['a call', -9],
  ['/ping', -9],
  ['at worst', -10],
  ['loop stood', -12],
];

/** A negative width is that of a number, which stands at the right. */
const padded = (text, width) => (width < 0 ? text.padStart(-width) : text.padEnd(width));
const row = (cells, last) => `${cells.map((cell, i) => padded(cell, columns[i][1])).join('')}   ${last}`;
const heading = row(
  columns.map(([name]) => name),
  'where the work was done',
);

function rowOf({ way, calls, perSecond: rate, took, ping, loop, places: where, failed }) {
  const title = ways.find(({ name }) => name === way)?.title ?? '(no clients)';
  const cells = [
    title,
    calls === 0 ? '–' : perSecond(rate),
    duration(took),
    duration(ping.usual),
    duration(ping.worst),
    duration(loop),
  ];
  return row(cells, failed === 0 ? places(where) : `${places(where)}; ${failed} FAILED`);
}

/** One line, overwritten as long as the way is tried; nothing where there is no terminal. */
function showProgress(watch, steps) {
  if (!isTerminal) return { next: () => {}, stop: () => {} };
  let step = 1;
  const overwrite = (text) => process.stdout.write(`\r\x1b[2K${text.slice(0, process.stdout.columns - 1)}`);
  const show = ({ sample }) => overwrite(`${step}/${steps}  ${sample.headline}`);
  watch.on('sample', show);
  return {
    next() {
      overwrite('');
      step = Math.min(step + 1, steps);
    },
    stop() {
      overwrite('');
      watch.off('sample', show);
    },
  };
}

/** Settles with whether all ways were tried and none of their calls failed. */
export async function showText(watch, { names, job, clients, ms, pump }) {
  console.log(
    `${counted(clients, 'client')} ${clients === 1 ? 'asks' : 'ask'} to ${jobs[job].title}, ${ms / 1000} s each way. /ping is asked from another process.\n`,
  );
  console.log(heading);
  const progress = showProgress(watch, names.length + 1);
  const results = [];
  const onResult = (result) => {
    progress.next();
    results.push(result);
    console.log(rowOf(result));
  };
  const isWhole =
    (await watch.tour({ names: ['idle'], job, clients: 0, ms: Math.min(ms, 1000) }, onResult)) &&
    (await watch.tour({ names, job, clients, ms }, onResult));
  progress.stop();
  if (!isWhole) return false;
  for (const { title } of ways.filter(({ name }) => !names.includes(name))) {
    console.log(row([title, '–', '–', '–', '–', '–'], `not here: ${pump.why}`));
  }
  console.log(`\n${closing(results)}`);
  return results.every(({ failed }) => failed === 0);
}

function closing(results) {
  const naive = results.find(({ way }) => way === 'naive');
  const others = results.filter(({ way }) => way !== 'naive' && way !== 'idle');
  const usual = Math.max(...others.map(({ ping }) => ping.usual ?? 0));
  return `With the naive handler /ping waited up to ${duration(naive.ping.worst)}. With the others it usually took ${duration(usual)} or less.`;
}
