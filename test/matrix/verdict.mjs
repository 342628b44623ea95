// Judges one record: the right value, or the named error that was expected, in bounded time and without a spin.
import { IDLE_MS } from './kit.mjs';
import { expectedCodes } from './refusals.mjs';
import { sources } from './sources.mjs';

/** A wait that burns more CPU than this part of its time is a spin. */
const SPIN = 0.2;

const short = (code) => code.replace('ERR_ISTHMUS_', '').toLowerCase().replaceAll('_', ' ');

/** { ok, mark, why }: `mark` is what the table shows. */
export function judge(sourceName, record) {
  const bad = (mark, why) => ({ ok: false, mark, why });
  const codes = expectedCodes(sourceName, sources[sourceName], record.name);
  if (record.broken) {
    const how = record.signal && record.broken === 'crash' ? ` by ${record.signal}` : '';
    return bad(
      record.broken,
      `${record.broken}${how} (${phase(record)}, exit code ${record.code}) ${record.stderr ?? ''}`,
    );
  }
  if (record.uncaught) return bad('uncaught', `an error nobody caught: ${record.uncaught}`);
  if (record.got === 'value') {
    if (!record.right) return bad('wrong', `wrong value: ${record.value}`);
    if (record.name === 'idle' && record.cpu > IDLE_MS * SPIN) {
      return bad('spin', `burnt ${record.cpu} ms of CPU in a wait of ${record.ms} ms`);
    }
    if (codes.length > 0 && record.pending)
      return { ok: true, mark: '✓', why: `works, though ${codes} was expected` };
    return { ok: true, mark: '✓' };
  }
  if (codes.includes(record.code)) return { ok: true, mark: short(record.code) };
  return bad('error', `expected ${codes.join(' or ') || 'a value'}, got ${record.message}`);
}

function phase({ at }) {
  if (at === 'before') return 'before the callback was called';
  if (at === 'in run') return 'inside run';
  return at === 'after' ? 'after run had returned' : 'before the first cell';
}
