// Last in, first out: a call that has settled waits until the calls nested above it are done. This measures for how
// long, and names the call site that held it.
import { channel } from 'node:diagnostics_channel';
import { clock } from '../clock.js';
import { pump } from './pump.js';
import { trace } from './trace.js';

/** What `diagnostics_channel.subscribe('isthmus:run:held', …)` receives for each held call. */
export interface HeldMessage {
  /** Milliseconds between the call's promise settling and the call returning. */
  readonly ms: number;
  /** The call site of the call on top when it settled: `file:line:column`. */
  readonly by: string;
  /** How many calls were nested above it. */
  readonly above: number;
}

export interface HeldSite {
  readonly site: string;
  readonly count: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** What {@link run.stats} answers; counted on this thread since the package was loaded. */
export interface RunStats {
  /** Calls that wait right now, one above the other. */
  readonly depth: number;
  readonly maxDepth: number;
  /** Calls that had to turn the loop; settled work is not counted. */
  readonly waits: number;
  readonly held: {
    readonly count: number;
    readonly totalMs: number;
    readonly maxMs: number;
    /** The call sites that held others, the worst first; at most 100. */
    readonly by: readonly HeldSite[];
  };
}

/** One pending call. */
export interface Wait {
  readonly promise: Promise<unknown>;
  /** 0 pending, 1 fulfilled, 2 rejected. */
  state: 0 | 1 | 2;
  value: unknown;
  token: number;
  /** Its place among the calls that wait, from 1; 0 while it does not. */
  level: number;
  settledAt: number;
  above: number;
  by: string;
}

const MAX_SITES = 100;
const held = channel('isthmus:run:held');
const sites = new Map<string, { count: number; totalMs: number; maxMs: number }>();
const waiting: Wait[] = [];
let waits = 0;
let maxDepth = 0;
let count = 0;
let totalMs = 0;
let maxMs = 0;

/** Notes the moment at which a call below others settles. Its holder is on the JavaScript stack right now. */
export function noteSettled(wait: Wait): void {
  if (wait.level === 0 || wait.level === waiting.length) return;
  wait.settledAt = clock();
  wait.above = waiting.length - wait.level;
  wait.by = callSite();
}

export function push(wait: Wait): void {
  if (waiting.length > 0) noteBelow();
  waits++;
  wait.level = waiting.push(wait);
  if (wait.level > maxDepth) maxDepth = wait.level;
}

export function pop(wait: Wait): void {
  // Setting the length is a slow runtime call; it is needed only where a termination has cut calls off above.
  if (waiting.length === wait.level) waiting.pop();
  else waiting.length = wait.level - 1;
  wait.level = 0;
  if (wait.settledAt !== 0) report(wait);
}

/** The call below may have settled while this one was being drained, before it waited: then this one holds it. */
function noteBelow(): void {
  prune();
  const below = waiting.at(-1);
  if (below === undefined || below.state === 0 || below.settledAt !== 0) return;
  below.settledAt = clock();
  below.above = 1;
  below.by = callSite();
}

/** A vm timeout cuts calls off without a word to them. */
function prune(): void {
  for (let last = waiting.at(-1); last !== undefined && !pump?.lives(last.token); last = waiting.at(-1)) {
    waiting.pop();
  }
}

/** Has a call below settled already, so that whoever nests on top now makes it late? */
export function someoneIsHeld(): boolean {
  return waiting.some((wait) => wait.settledAt !== 0);
}

function report(wait: Wait): void {
  const ms = clock() - wait.settledAt;
  count++;
  totalMs += ms;
  if (ms > maxMs) maxMs = ms;
  let site = sites.get(wait.by);
  if (site === undefined && sites.size < MAX_SITES) {
    site = { count: 0, totalMs: 0, maxMs: 0 };
    sites.set(wait.by, site);
  }
  if (site !== undefined) {
    site.count++;
    site.totalMs += ms;
    if (ms > site.maxMs) site.maxMs = ms;
  }
  if (held.hasSubscribers) held.publish({ ms, by: wait.by, above: wait.above } satisfies HeldMessage);
}

const own = new URL('.', import.meta.url).href;

/** The first frame that is neither ours nor Node's. */
function callSite(): string {
  let inside = false;
  for (const line of trace(30)) {
    const place = (/ \((.+:\d+:\d+)\)$/.exec(line) ?? /^\s*at (?:async )?(.+:\d+:\d+)$/.exec(line))?.[1];
    if (place === undefined) continue;
    if (place.startsWith(own)) inside = true;
    else if (inside && !place.startsWith('node:')) return place;
  }
  return 'unknown';
}

export function stats(): RunStats {
  prune();
  const by = [...sites].map(([site, entry]) => ({ site, ...entry })).sort((a, b) => b.totalMs - a.totalMs);
  return { depth: waiting.length, maxDepth, waits, held: { count, totalMs, maxMs, by } };
}
