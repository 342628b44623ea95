// What is happening, as one word and one sentence.
import { counted, duration } from './page/format.js';
import { jobs } from './ways.mjs';

/** ms that /ping may wait: from here on people notice, and the loop is called blocked. */
const BLOCKED = 100;

/**
 * How long (ms) the ping takes that is under way at any moment: each counts by how long it took, for many quick answers
 * between two standstills say little.
 */
function waitOf(pings) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return sum(pings.map((ms) => ms * ms)) / (sum(pings) || 1);
}

/**
 * `lately`: what /ping took (ms) of late; `waited`: how long the present one has waited; `load`: `{ way, job, clients,
 * isEnding }`, if there is any.
 */
export function verdict({ lately, waited, load }) {
  const waits = waitOf([...lately, waited]);
  const answers = lately.toSorted((a, b) => a - b)[lately.length >> 1];
  const pinged = answers === undefined ? '' : ` /ping answers in ${duration(answers)}.`;
  if (waits >= BLOCKED) {
    const last = load?.isEnding ? ' The last calls are on their way.' : '';
    return { state: 'blocked', headline: `The loop is blocked: /ping waits ${duration(waits)}.${last}` };
  }
  if (load === undefined) return { state: 'idle', headline: `The server has nothing to do.${pinged}` };
  const who = `${counted(load.clients, 'client')} ${load.clients === 1 ? 'asks' : 'ask'} to ${jobs[load.job].title}`;
  return { state: 'free', headline: pinged === '' ? `${who}.` : `${who}, and${pinged}` };
}
