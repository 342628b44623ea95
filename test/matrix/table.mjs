// The table that the docs show: one for all lines and threads, and below it where they differ.
import { awaited } from './awaited.mjs';
import { sources } from './sources.mjs';

const title = (table, name) => table[name].title ?? name;
const cellText = (text) => text.replaceAll('|', '\\|');
const column = ({ line, thread, fresh }) =>
  `Node ${line.major} ${thread}${fresh ? ', first call of the process' : ''}`;

/** The mark most columns agree on, and the cells that have another. A missing cell agrees with everything. */
function common(cells) {
  const marks = new Map();
  for (const { mark, absent } of cells) if (!absent) marks.set(mark, (marks.get(mark) ?? 0) + 1);
  if (marks.size === 0) return { mark: 'n/a', others: [] };
  const [mark] = [...marks].sort((a, b) => b[1] - a[1])[0];
  return { mark, others: cells.filter((cell) => !cell.absent && cell.mark !== mark) };
}

export function table(results) {
  const byCell = group(results);
  const used = (names, field) => names.filter((name) => results.some((cell) => cell[field] === name));
  const rows = used(Object.keys(sources), 'source');
  const columns = used(Object.keys(awaited), 'awaited');
  const lines = [...new Map(results.map(({ line }) => [line.version, line])).values()];
  const threads = [...new Set(results.map(({ thread }) => thread))];
  const differing = [];
  const body = rows.map((source) => {
    const marks = columns.map((thing) => {
      const { mark, others } = common(byCell.get(`${source} ${thing}`) ?? []);
      for (const other of others) differing.push({ source, thing, other });
      return mark;
    });
    return `| ${cellText(title(sources, source))} | ${marks.join(' | ')} |`;
  });
  const tried = results.filter((cell) => !cell.absent);
  const head = [
    `Node ${lines.map((line) => line.version.slice(1)).join(', ')}; ${threads.join(' and ')} thread;`,
    `${tried.length} cells, ${tried.filter((cell) => !cell.ok).length} of them wrong.`,
  ];
  return [
    head.join(' '),
    '',
    `| called from | ${columns.map((name) => cellText(title(awaited, name))).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...body,
    '',
    ...differences(differing),
    ...absences(results, lines.length * threads.length),
  ].join('\n');
}

function differences(differing) {
  if (differing.length === 0) return ['All lines and threads agree.', ''];
  const texts = differing.map(
    ({ source, thing, other }) =>
      `- ${title(sources, source)}, ${title(awaited, thing)}: ${other.mark} on ${column(other)}`,
  );
  return ['Where lines or threads differ:', '', ...texts, ''];
}

// Places that some lines or threads do not have; what no column has is n/a in the table itself.
function absences(results, columns) {
  const reasons = new Map();
  for (const cell of results) {
    if (!cell.absent) continue;
    const at = `${title(sources, cell.source)}: ${cell.why}`;
    reasons.set(at, (reasons.get(at) ?? new Set()).add(column(cell)));
  }
  const partly = [...reasons].filter(([, where]) => where.size < columns);
  if (partly.length === 0) return [];
  return ['Not there:', '', ...partly.map(([text, where]) => `- ${text} (${[...where].join(', ')})`), ''];
}

const key = ({ source, awaited: thing }) => `${source} ${thing}`;

function group(results) {
  const map = new Map();
  for (const cell of results) map.set(key(cell), [...(map.get(key(cell)) ?? []), cell]);
  return map;
}
