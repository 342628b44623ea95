// Which Node lines a test runs on, as { version, node }.
import { execFileSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { lines } from '../lines/lines.mjs';

const versionOf = (node) => execFileSync(node, ['-p', 'process.versions.node']).toString().trim();
const running = { node: process.execPath, version: process.versions.node };

/** All lines that are installed, or the running Node where none is; what is missing is said. */
export function allLines() {
  for (const { line, skip } of lines) if (skip) console.log(`Node ${line}: skipped, ${skip}`);
  const found = lines.filter(({ skip }) => !skip).map(({ execPath }) => ({ node: execPath }));
  return found.length > 0 ? found.map(({ node }) => ({ node, version: versionOf(node) })) : [running];
}

/** The running Node, or what ISTHMUS_LINES asks for: `all` lines, or the paths of some binaries. */
export function chosenLines() {
  const asked = process.env.ISTHMUS_LINES;
  if (asked === undefined || asked === '') return [running];
  if (asked === 'all') return allLines();
  return asked.split(delimiter).map((node) => ({ node, version: versionOf(node) }));
}
