// node test/matrix/matrix.mjs [--short | --full] [--node path]… [--thread main|worker] [--source a,b] [--awaited a,b]
//                            [--fresh] [--module specifier] [--width n] [--verbose]
// --full tries every line that is installed and writes docs/matrix.md. Ends with 1 when a cell is bad.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allLines, nodeAt, running } from './lines.mjs';
import { fullPlan, plan, shortPlan } from './plan.mjs';
import { describe, failures, runPlan } from './run-plan.mjs';
import { table } from './table.mjs';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    full: { type: 'boolean' },
    node: { type: 'string', multiple: true },
    thread: { type: 'string' },
    source: { type: 'string' },
    awaited: { type: 'string' },
    module: { type: 'string' },
    fresh: { type: 'boolean' },
    width: { type: 'string' },
    verbose: { type: 'boolean' },
  },
});
const list = (text) => text?.split(',');
const lines = values.node?.map(nodeAt) ?? (values.full ? allLines() : [running()]);

const started = performance.now();
let bad = 0;
const results = await runPlan(
  (env) => {
    if (values.short) return shortPlan(lines[0], { module: values.module, env });
    const threads = values.thread ? [values.thread] : undefined;
    const names = { sourceNames: list(values.source), awaitedNames: list(values.awaited) };
    const options = { threads, ...names, module: values.module, env };
    return values.full ? fullPlan(lines, options) : plan({ ...options, lines, fresh: values.fresh });
  },
  { width: Number(values.width ?? 2), onCell: progress },
);

function progress(cell, count, total) {
  if (!cell.ok) bad++;
  const line = `${cell.line.version} ${cell.thread} ${cell.source} ← ${cell.awaited}: ${cell.mark}`;
  if (process.stdout.isTTY) {
    const done = '█'.repeat(Math.floor((count / total) * 30)).padEnd(30, '░');
    process.stdout.write(
      `\r\x1b[2K${done} ${count}/${total}, ${bad} bad  ${line}`.slice(0, process.stdout.columns + 4),
    );
  } else if (values.verbose || !cell.ok || count % 500 === 0) {
    console.log(
      `${count}/${total} ${line} ${cell.ms ?? '-'} ms${values.verbose && cell.why ? ` (${cell.why})` : ''}`,
    );
  }
}

if (process.stdout.isTTY) process.stdout.write('\r\x1b[2K');
const text = table(results);
if (values.full) writeFileSync(new URL('../../docs/matrix.md', import.meta.url), page(text));
else if (values.verbose) console.log(text);
for (const cell of failures(results)) console.log(describe(cell));
for (const cell of results) {
  if (values.verbose && cell.ok && !cell.absent && cell.why) console.log(`note: ${describe(cell)}`);
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `${results.filter((cell) => !cell.absent).length} cells in ${seconds} s, ${failures(results).length} bad`,
);
process.exitCode = failures(results).length > 0 ? 1 : 0;

function page(body) {
  return `# The matrix

From which place \`run\` can wait for what. Every cell is a call of \`run\` in a process of its own kind, from exactly that
place, with a limit on its time and its CPU time. ✓ is the right value; a text is the code of the error that
is thrown there (\`cannot run\` is \`ERR_ISTHMUS_CANNOT_RUN\`, and so on); n/a is a combination that does not exist. Written by
\`npm run test:matrix\`.

${body}`;
}
