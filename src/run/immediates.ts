// Immediates, while Node is in the middle of running a batch of them below. Its own loop over the batch must not run
// inside itself, so a nested turn takes immediates out one at a time, through the public clearImmediate, and runs each
// with its own async context. So it does above a vm script, for a batch that a vm timeout cuts off would be lost.
import { AsyncResource, executionAsyncResource } from 'node:async_hooks';
import { clearImmediate, setImmediate } from 'node:timers';
import { CannotRunError } from '../errors.js';
import { drain } from './drain.js';
import { instancesOf } from './heap.js';
import type { Wait } from './held.js';
import type { Pump } from './pump.js';

/** The fields of Node's Immediate that have kept their names on all supported lines. */
interface Entry {
  _idleNext: Entry | null;
  _idlePrev: Entry | null;
  _destroyed: boolean;
  _onImmediate: ((...args: unknown[]) => void) | null;
  _argv: unknown[] | null | undefined;
}

const BATCH = 1;
const BLOCKING = 2;
const OURS = 4;
const noop = (): void => {};

/** An unreferenced immediate behind all others that are queued now: `_idlePrev` leads to them. */
function sentinel(): Entry {
  return setImmediate(noop).unref() as unknown as Entry;
}

function clear(entry: Entry): void {
  clearImmediate(entry as unknown as NodeJS.Immediate);
}

/** Marks are set from the first wait on that stands in a batch: they cost each batch a fraction of a microsecond. */
let watching = false;
/** The sentinel behind the batch that is being run below. */
let batchEnd: Entry | undefined;
/** The rest of the one batch that began before marks were set. */
let unmarked: Entry[] = [];

function watchBatches(pump: Pump): void {
  watching = true;
  pump.watchBatches(() => {
    unmarked = [];
    const end = sentinel();
    batchEnd = end._idlePrev === null ? undefined : end;
    if (batchEnd === undefined) clear(end);
  });
}

/** Those before `end` that have not run, oldest first. */
function before(end: Entry | undefined): Entry[] {
  const found: Entry[] = [];
  for (let at = end?._idlePrev; at && !at._destroyed; at = at._idlePrev) found.push(at);
  return found.reverse();
}

function after(entry: Entry | undefined): Entry[] {
  const found: Entry[] = [];
  for (let at = entry?._idleNext; at && !at._destroyed; at = at._idleNext) found.push(at);
  return found;
}

/** The rest of a batch that began before any mark was set: the first wait in a batch is in the middle of one. */
function restOfFirst(pump: Pump): Entry[] {
  const current = executionAsyncResource() as Partial<Entry>;
  // In the immediate's own callback it is the current resource; in a microtask after it nothing leads to it.
  if ('_onImmediate' in current) return after(current as Entry);
  if ((pump.immediates() & BLOCKING) === 0) return [];
  const mine = sentinel();
  const all = instancesOf(Object.getPrototypeOf(mine)) as Entry[];
  const others = new Set(before(mine));
  clear(mine);
  const waiting = all.filter((entry) => !entry._destroyed && !others.has(entry));
  const first = waiting.find((entry) => entry._idlePrev === null || entry._idlePrev._destroyed);
  return first === undefined ? [] : [first, ...after(first)];
}

function restOfBatch(pump: Pump): Entry[] {
  if ((pump.immediates() & BATCH) === 0) return [];
  if (watching) return [...unmarked, ...before(batchEnd)];
  watchBatches(pump);
  unmarked = restOfFirst(pump);
  return unmarked;
}

function queued(): Entry[] {
  const end = sentinel();
  const found = before(end);
  clear(end);
  return found;
}

/** A resource with the async context that the immediate was made in. */
function contextOf(entry: Entry): AsyncResource {
  const resource = new AsyncResource('Immediate');
  const symbols = Object.getOwnPropertySymbols(resource);
  for (const key of Object.getOwnPropertySymbols(entry)) {
    // Up to Node 22 each store sits on the resource under a symbol of its own; from 24 on all sit in one frame.
    if (/async_id|trigger|refed/i.test(key.description ?? '')) continue;
    const target =
      key.description === 'kAsyncContextFrame'
        ? symbols.find((own) => own.description === 'context_frame')
        : key;
    Reflect.set(resource, target ?? key, Reflect.get(entry, key));
  }
  return resource;
}

function runOne(pump: Pump, entry: Entry): void {
  const callback = entry._onImmediate;
  const args = entry._argv ?? [];
  const context = contextOf(entry);
  clear(entry);
  if (callback === null) return;
  // As a tick it is reported like any callback when it throws, and microtasks follow it as they do in the loop.
  process.nextTick(() => context.runInAsyncScope(callback, null, ...args));
  drain(pump);
}

/**
 * Runs what a turn of the loop would: the rest of the batch below, then what is queued now. It stops when the wait has settled.
 * Throws where immediates are waiting that cannot be reached, for the turn would spin.
 */
export function runImmediates(pump: Pump, wait: Wait): void {
  if ((pump.immediates() & OURS) === 0) return;
  const entries = [...restOfBatch(pump), ...queued()];
  for (const entry of entries) {
    if (entry._destroyed) continue;
    runOne(pump, entry);
    if (wait.state !== 0) return;
  }
  if ((pump.immediates() & BLOCKING) === 0) return;
  pump.nativeImmediates();
  drain(pump);
  if (wait.state !== 0 || entries.length > 0 || (pump.immediates() & BLOCKING) === 0 || queued().length > 0)
    return;
  throw new CannotRunError(
    'it stands in a batch of immediates that had begun before the first such call, and whose rest cannot be reached',
    'Write `await turn()` before it.',
  );
}
