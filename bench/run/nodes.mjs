/** On which Nodes a benchmark runs: those that were asked for, or 20 and 24, or this one. */
import { lines } from '../../test/lines/lines.mjs';

export function nodes(asked) {
  if (asked) return asked;
  const installed = lines.filter(({ line, skip }) => (line === '20' || line === '24') && !skip);
  if (installed.length > 0) return installed.map(({ execPath }) => execPath);
  console.log(
    'Node 20 and 24 are not installed in test/lines (npm test does that): measured on this Node alone',
  );
  return [process.execPath];
}
