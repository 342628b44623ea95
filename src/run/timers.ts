// Timers, while Node is between two timers of a list below. It has picked the next one then, runs ticks and
// microtasks, and fires it without looking again. A nested turn may have fired that one in the meantime: without what
// follows it would fire twice.
import { type AsyncHook, createHook, executionAsyncResource } from 'node:async_hooks';
import { clearTimeout, setImmediate } from 'node:timers';
import { pump } from './pump.js';
import { trace } from './trace.js';

/** The fields of Node's Timeout that have kept their names on all supported lines. */
interface Entry {
  _onTimeout: ((...args: unknown[]) => unknown) | null | undefined;
  _idleTimeout: number;
  _repeat: number | null;
  _destroyed: boolean;
  _idleNext: object | null;
  refresh(): void;
}

function isTimer(resource: object): resource is Entry {
  return '_onTimeout' in resource && '_idleTimeout' in resource;
}

const own = new URL('.', import.meta.url).href;

/** Does the call stand in ticks or microtasks that Node runs between two timers? */
function isBetween(): boolean {
  if (isTimer(executionAsyncResource())) return false;
  const lines = trace(200);
  const from = lines.findIndex((line) => !line.includes(own));
  for (const line of lines.slice(Math.max(0, from))) {
    if (line.includes(own)) return false;
    if (line.includes('node:internal/timers')) return /listOnTimeout/.test(line);
  }
  return false;
}

/** The timers that fire from now on, until `end`; nothing when the call does not stand between two. */
export class FiredTimers {
  readonly #fired = new Set<Entry>();
  readonly #hook: AsyncHook;

  private constructor() {
    const fired = this.#fired;
    this.#hook = createHook({
      before() {
        const resource = executionAsyncResource();
        if (isTimer(resource)) fired.add(resource);
      },
    });
  }

  static begin(): FiredTimers | undefined {
    if (!isBetween()) return undefined;
    const timers = new FiredTimers();
    timers.#hook.enable();
    return timers;
  }

  /** The one that was picked is fired once more, at once: that firing is made to do nothing. */
  end(): void {
    this.#hook.disable();
    if (this.#fired.size === 0) return;
    const restore = [...this.#fired].map((timer) => skipOnce(timer));
    // By then Node is through with the list below; whoever was not the picked one is as before.
    setImmediate(() => {
      for (const undo of restore) undo();
    }).unref();
  }
}

function skipOnce(timer: Entry): () => void {
  const callback = timer._onTimeout;
  if (typeof callback !== 'function') return () => {};
  const armed = !timer._destroyed && timer._repeat === null;
  const skip = (): void => {
    timer._onTimeout = callback;
    // Re-armed by its own callback: Node has just taken it off its list.
    if (armed) timer.refresh();
  };
  timer._onTimeout = skip;
  return () => {
    if (timer._onTimeout === skip) timer._onTimeout = callback;
  };
}

// No `finally` runs when a vm timeout cuts off a timer's callback, so Node's count of timers that keep the loop alive
// would be wrong for ever. What Node does after a callback that throws is done here.
pump?.keepCut(() => {
  const timer = executionAsyncResource();
  // In a list already: its own callback has re-armed it.
  if (!isTimer(timer) || timer._idleNext) return;
  if (timer._repeat !== null) timer.refresh();
  else clearTimeout(timer as unknown as NodeJS.Timeout);
});
