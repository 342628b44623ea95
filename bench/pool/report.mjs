/** The results as text. */
import { ours } from '../run/libraries.mjs';
import { median } from '../run/stats.mjs';
import { formatNs, print, verdict } from '../run/table.mjs';
import { everyone, first, WRONG } from './cases.mjs';
import { fastest, goals, speed } from './goals.mjs';
import { queuing, sizes } from './queue.mjs';

const formatRate = (ns) => `${Math.round(1e9 / ns).toLocaleString('en')}/s`;
const times = (value) => (value === undefined ? '-' : `${value.toFixed(2)}x`);

/** What a case fills of a library's row. */
function columns({ name, title }, { ns, rounds }) {
  const show = (format) => (library) => (library in ns ? format(ns[library]) : '-');
  if (name === 'throughput') return [[title, show(formatRate)]];
  if (name !== 'latency') return [[title, show(formatNs)]];
  const p99 = (library) =>
    library in ns ? formatNs(median(rounds[library].map((answer) => answer.p99))) : '-';
  return [
    [`${title}, p50`, show(formatNs)],
    ['p99', p99],
  ];
}

function printRatios(cases, races, { peers, bare }) {
  const rows = [['speed', 'fastest peer', 'isthmus / peer', 'fastest pair', 'isthmus / pair']];
  for (const { name, title } of cases) {
    const of = (libraries) => [fastest(races[name], libraries) ?? '-', times(speed(races[name], libraries))];
    rows.push([title, ...of(peers), ...of(bare)]);
  }
  print(rows);
}

export function printGoals(wanted) {
  for (const { title, measured, met } of wanted) {
    console.log(
      `  goal, ${title}: ${measured === undefined ? 'not measured' : `${measured} ${verdict(met)}`}`,
    );
  }
}

/** A wrong answer is no reason to go on as if nothing were. */
export function printSkipped(cases, races) {
  for (const { name, title } of cases) {
    for (const [library, why] of Object.entries(races[name].skipped)) {
      console.log(`  ${library}, ${title}: ${why}`);
      if (why.startsWith(WRONG)) process.exitCode = 1;
    }
  }
}

/** `races` by the name of the case. */
export function printKind(node, name, races, kind) {
  const cases = [...kind.cases, first];
  const parts = cases.flatMap((one) => columns(one, races[one.name]));
  console.log(`\nNode ${node}, ${kind.title}\n`);
  print([
    ['two workers each', ...parts.map(([title]) => title)],
    ...everyone(kind).map((library) => [library, ...parts.map(([, show]) => show(library))]),
  ]);
  console.log('');
  if (cases.some((one) => ours in races[one.name].ns)) printRatios(cases, races, kind);
  printGoals(goals(name, races, kind));
  printSkipped(cases, races);
}

const figures = [
  ['ns', 'time', formatNs],
  ['heap', 'heap', (bytes) => `${Math.round(bytes)} B`],
  ['rss', 'rss', (bytes) => `${Math.round(bytes)} B`],
];

export function printQueues(node, results) {
  const [from, to] = [sizes[1], sizes.at(-1)];
  const rows = [
    ['each of N tasks queued at once', ...sizes.map((size) => `N = ${size.toLocaleString('en')}`)],
  ];
  rows[0].push(`${to.toLocaleString('en')} / ${from.toLocaleString('en')}`);
  for (const library of queuing) {
    const result = results[library];
    for (const [key, title, format] of figures) {
      // A few tasks fit into what the process has anyway, so that the first figures of rss say nothing.
      const growth = key === 'rss' ? Number.NaN : result[to][key] / result[from][key];
      rows.push([
        `${library}: ${title}`,
        ...sizes.map((size) => (key in result[size] ? format(result[size][key]) : '-')),
        Number.isNaN(growth) ? '-' : times(growth),
      ]);
    }
  }
  console.log(`\nNode ${node}, threads\n`);
  print(rows);
  for (const library of queuing) {
    for (const size of sizes) {
      const { skipped } = results[library][size];
      if (skipped) console.log(`  ${library}, N = ${size.toLocaleString('en')}: ${skipped}`);
      if (skipped?.startsWith(WRONG)) process.exitCode = 1;
    }
  }
}
