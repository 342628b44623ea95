// One cell: calls `run` where it stands, times it, and says what came.
import { inspect, isDeepStrictEqual } from 'node:util';

/** Released by its own timeout when something else keeps the loop alive; see `nothing`. */
export const RELEASE_MS = 300;

const pendingNow = (promise) => inspect(promise).startsWith('Promise { <pending>');

export function attempt({ run }, source, thing, held, site) {
  let pending = true;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const taken = () => {
    const { user, system } = process.cpuUsage(cpu);
    return { pending, ms: Math.round(performance.now() - started), cpu: Math.round((user + system) / 1000) };
  };
  try {
    const { promise, expected, never, serial } = thing.get(held, site);
    pending = pendingNow(promise);
    const value = (never || serial) && source.alive ? run(promise, { timeout: RELEASE_MS }) : run(promise);
    const right = !never && isDeepStrictEqual(value, expected);
    return { got: 'value', right, value: right ? undefined : inspect(value).slice(0, 200), ...taken() };
  } catch (error) {
    return failed(error, taken());
  }
}

export function failed(error, rest = {}) {
  const message = inspect(error).slice(0, 600);
  return { got: 'error', code: error?.code, message, ...rest };
}
