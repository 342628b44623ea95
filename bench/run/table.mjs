/** The results as text. */
import { modes } from './costs.mjs';
import { libraries } from './libraries.mjs';
import { cases } from './race.mjs';

export const formatNs = (ns) => {
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(2)} ms`;
  if (ns >= 1e4) return `${(ns / 1e3).toFixed(1)} µs`;
  return ns >= 1e3 ? `${(ns / 1e3).toFixed(2)} µs` : `${ns.toFixed(0)} ns`;
};

export function print(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows) {
    console.log(
      `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')}`,
    );
  }
}

export const verdict = (good) => (good ? 'met' : 'MISSED');

function printRace(race) {
  const rows = [['time of a call', ...libraries, 'fastest peer / isthmus', 'goal']];
  for (const { name, title } of cases) {
    const { ns, ratio, goal } = race[name];
    rows.push([
      title,
      ...libraries.map((library) => (library in ns ? formatNs(ns[library]) : '-')),
      ratio === null ? '-' : `${ratio.toFixed(2)}x`,
      goal === null || ratio === null ? '' : `${goal.toFixed(1)}x ${verdict(ratio >= goal)}`,
    ]);
  }
  print(rows);
  for (const { name, title } of cases) {
    for (const [library, why] of Object.entries(race[name].skipped))
      console.log(`  ${library}, ${title}: ${why}`);
  }
}

function printLevels(levels) {
  const rows = [['each of n nested calls', ...levels.turn.map(({ depth }) => `n = ${depth}`)]];
  for (const [name, title] of [
    ['microtask', 'waits for a microtask'],
    ['immediate', 'waits for an immediate'],
    ['turn', 'waits for fs.stat'],
  ]) {
    rows.push([title, ...levels[name].map(({ ns, refused }) => refused ?? formatNs(ns))]);
    rows.push([
      '  stack',
      ...levels[name].map(({ bytes }) => (bytes === undefined ? '' : `${Math.round(bytes)} B`)),
    ]);
  }
  print(rows);
}

function printLoops(loops) {
  const plain = loops.none;
  const rows = [
    ['an iteration of a loop', 'immediate', 'more', '1 ms timer (CPU, least)', 'more', 'budget 1 µs'],
  ];
  for (const { name, title } of modes) {
    const more = {
      immediate: loops[name].immediate - plain.immediate,
      timer: loops[name].timer - plain.timer,
    };
    const added = (ns) => (name === 'none' ? '' : `${ns < 0 ? '-' : '+'}${formatNs(Math.abs(ns))}`);
    rows.push([
      title,
      formatNs(loops[name].immediate),
      added(more.immediate),
      formatNs(loops[name].timer),
      added(more.timer),
      name === 'none' ? '' : verdict(more.immediate <= 1000),
    ]);
  }
  print(rows);
}

function printImports(imports) {
  const threads = (count) => (count === null ? 'unknown' : `${count}`);
  const rows = [['import', 'median', 'threads started', 'goal 10 ms, no thread']];
  for (const [name, title] of [
    ['package', 'isthmus'],
    ['off', 'isthmus, ISTHMUS_PUMP=off'],
    ['nothing', 'an empty module'],
  ]) {
    const { ms, threads: count } = imports[name];
    const goal = name === 'nothing' ? '' : verdict(ms < 10 && (count ?? 0) === 0);
    rows.push([title, `${ms.toFixed(1)} ms`, threads(count), goal]);
  }
  print(rows);
}

export function printResult({ node, race, levels, loops, imports }) {
  console.log(`\nNode ${node}\n`);
  printRace(race);
  for (const [part, show] of [
    [levels, printLevels],
    [loops, printLoops],
    [imports, printImports],
  ]) {
    console.log('');
    show(part);
  }
}
