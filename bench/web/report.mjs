/** The results as text. */
import { printGoals, printSkipped } from '../pool/report.mjs';
import { ours } from '../run/libraries.mjs';
import { formatNs, print } from '../run/table.mjs';
import { faults, goals, itself, middle, ownOf, pinged, speed } from './goals.mjs';

const perSecond = (ns) => (ns === undefined ? '-' : Math.round(1e9 / ns).toLocaleString('en'));
const inMs = (ms) => (ms === undefined ? '-' : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
const times = (value) => (value === undefined ? '-' : `${value.toFixed(2)}x`);

/** A row for each contestant, and three columns for each cell. */
function printCells(title, cells, races) {
  const head = [title];
  for (const { clients } of cells) {
    if (clients !== undefined) head.push(`${clients}: itself/s`);
    head.push('/ping/s', 'open p50', 'open p99');
  }
  const rows = cells[0].contestants.map((contestant) => {
    const row = [contestant];
    for (const { name, clients } of cells) {
      const race = races[name];
      if (clients !== undefined) row.push(perSecond(ownOf(race).ns[contestant]));
      row.push(
        perSecond(race.ns[contestant]),
        inMs(middle(race, contestant, ({ p50 }) => p50)),
        inMs(middle(race, contestant, ({ p99 }) => p99)),
      );
    }
    return row;
  });
  print([head, ...rows]);
}

/** isthmus in times of each other one. */
function printRatios(cells, races) {
  const others = cells[0].contestants.filter((one) => one !== ours);
  const rows = [['isthmus in times of', ...others]];
  for (const { name, title, clients } of cells) {
    const race = races[name];
    if (clients !== undefined)
      rows.push([`${title}: itself`, ...others.map((other) => times(speed(race, other, itself)))]);
    rows.push([`${title}: /ping`, ...others.map((other) => times(speed(race, other, pinged)))]);
  }
  print(rows);
}

function printFailed(cells, races) {
  for (const { name, title } of cells) {
    for (const [contestant, rounds] of Object.entries(races[name].rounds)) {
      const failed = rounds.reduce((total, round) => total + round.failed, 0);
      if (failed > 0) console.log(`  ${contestant}, ${title}: ${failed} requests failed`);
    }
  }
}

/** The cells of one endpoint, one for each number of clients. */
export function printEndpoint(node, { title }, cells, races) {
  console.log(`\nNode ${node}, ${title}\n`);
  printCells(title, cells, races);
  console.log('');
  printRatios(cells, races);
  printFailed(cells, races);
  printSkipped(cells, races);
}

export function printRun(node, one, race) {
  const rows = [[one.title, 'requests/s', 'answered', 'failed', 'another answer']];
  for (const [contestant, ns] of Object.entries(race.ns)) {
    const sum = (figure) => race.rounds[contestant].reduce((total, round) => total + round[figure], 0);
    rows.push([
      contestant,
      perSecond(ns),
      ...['answered', 'failed', 'mismatched'].map((key) => `${sum(key)}`),
    ]);
  }
  console.log(`\nNode ${node}, ${one.title}\n`);
  print(rows);
  printSkipped([one], { [one.name]: race });
  if (faults(race).wrong > 0) process.exitCode = 1;
}

export function printCost({ node, python }) {
  const beside = python === undefined ? '' : `, in Python ${formatNs(python)} (${times(python / node)})`;
  console.log(`  the CPU work by itself: ${formatNs(node)}${beside}`);
}

export function printWanted(races) {
  console.log('');
  printGoals(goals(races));
}
