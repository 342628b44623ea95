/**
 * An open loop: requests are sent at a fixed rate, whatever becomes of those before, and each is timed from the moment when it
 * was to be sent. A client that waits for an answer before it asks again does not ask while the server stands still, and so
 * measures the stop once in place of many times: coordinated omission. The name, and the remedy, are Gil Tene's (wrk2).
 */
import { Agent, get } from 'node:http';

/**
 * `rate` is per second, `ms` for how long requests are sent, `patience` how many ms the last ones are waited for: whoever is
 * unanswered then counts with the time that it has waited. Gives `{ sent, failed, p50, p99, max }`, in ms.
 */
export async function openLoop(url, { rate, ms, patience }) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const count = Math.max(1, Math.round((rate * ms) / 1000));
  const waits = new Array(count).fill(undefined);
  let failed = 0;
  let open = count;
  const began = performance.now();
  const intended = (i) => began + (i * 1000) / rate;
  const { promise: all, resolve: finish } = deferred();

  function settle(i, isGood) {
    if (waits[i] !== undefined) return;
    waits[i] = performance.now() - intended(i);
    if (!isGood) failed++;
    if (--open === 0) finish();
  }

  function send(i) {
    const request = get(url, { agent }, (response) => {
      response.resume().on('end', () => settle(i, response.statusCode === 200));
      response.on('error', () => settle(i, false));
    });
    request.on('error', () => settle(i, false));
  }

  let next = 0;
  const timer = setInterval(() => {
    for (const now = performance.now(); next < count && intended(next) <= now; next++) send(next);
    if (next === count) clearInterval(timer);
  }, 1);
  const limit = setTimeout(finish, ms + patience);
  await all;
  clearTimeout(limit);
  clearInterval(timer);
  for (let i = 0; i < count; i++) settle(i, false);
  agent.destroy();
  waits.sort((a, b) => a - b);
  const at = (part) => waits[Math.min(count - 1, Math.floor(count * part))];
  return { sent: next, failed, p50: at(0.5), p99: at(0.99), max: waits[count - 1] };
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
