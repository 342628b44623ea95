/**
 * A tour of what works today, on real input: node examples/tour/tour.mjs (`npm run tour` builds first, then runs this).
 *
 * Each stop is a function in a file of its own. It does its work, checks what came out, and tells which path the calls
 * took and what they cost. The exit code is 1 if any check fails.
 */
import { canRun, run } from 'isthmus';
import { format } from './format.mjs';
import { handlers } from './handlers.mjs';
import { offload } from './offload.mjs';
import { pages } from './pages.mjs';
import { paint } from './paint.mjs';
import { reentrancy } from './reentrancy.mjs';
import { refusals } from './refusals.mjs';
import { stream } from './stream.mjs';
import { thread } from './thread.mjs';

const stops = [format, pages, stream, handlers, refusals, reentrancy, thread, offload];
const started = performance.now();
const { how, why } = canRun();

paint.heading('isthmus: the result of async work, in plain sync code');
paint.note(`Node ${process.versions.node} on ${process.platform}-${process.arch}. ${sentence(why)}`);

let failed = 0;
for (const [index, { title, code, visit, needsPump = true }] of stops.entries()) {
  paint.stop(index + 1, title);
  paint.code(code);
  if (how === 'none' && needsPump) {
    paint.missing('not shown: it needs the pump');
    continue;
  }
  try {
    failed += paint.results(await visit());
  } catch (error) {
    failed++;
    paint.wrong(`it broke off: ${error.stack}`);
  }
}

if (how === 'none') showWithout();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (failed > 0) paint.closing(`${failed} of the checks FAILED.`);
else if (how === 'none') paint.closing(`Only what needs no pump could be shown: ${why}.`);
else
  paint.closing(
    `All ${paint.checked()} checks hold. The tour took ${seconds} s, ${run.stats().waits} waits.`,
  );
process.exitCode = failed > 0 ? 1 : 0;

/** What is left of `run` on a runtime without the pump, or with the pump switched off. */
function showWithout() {
  paint.heading('What is missing, and what to write instead');
  paint.good(`run(42) is ${run(42)}: what needs no waiting works everywhere`);
  try {
    run(new Promise((resolve) => setImmediate(resolve)));
  } catch (error) {
    paint.missing(`${error.code}: ${error.message}`);
  }
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
