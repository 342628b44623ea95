// Which cells there are: sources, awaited things, Node lines, kinds of thread; and why a cell is left out.
import { awaited } from './awaited.mjs';
import { sources } from './sources.mjs';

export const THREADS = ['main', 'worker'];
export const LIMIT_MS = 5000;

/** What the first wait of a process is tried with: a batch that had begun before it is a special case. */
export const FRESH = ['timerSame', 'immediateOlder', 'immediateNewer', 'fsBatch', 'port'];

/** The short form: all places, with what tells most about each; in a Worker a few places only. */
export const SHORT = {
  awaited: ['nothing', 'idle', 'timerSame', 'immediateOlder', 'fsBatch', 'port', 'fetchSelf'],
  worker: [
    'esmMain',
    'timer',
    'immediateLater',
    'fsCallback',
    'messagePort',
    'childExit',
    'tcpData',
    'httpRequestTurn',
  ],
};

function missing(source, where) {
  if (source.threads && !source.threads.includes(where.thread)) return `only in the ${source.threads} thread`;
  return source.unless?.(where) ?? null;
}

function left(source, thing, where) {
  const reason = missing(source, where);
  if (reason) return reason;
  if (!thing.needs) return null;
  if (!source.has?.includes(thing.needs)) return 'this place has no channel of its own';
  return null;
}

// In the order of the table, however they were asked for: a cell must not find what an unusual neighbour left behind.
function known(names, table, kind) {
  for (const name of names) if (!(name in table)) throw new Error(`no such ${kind}: ${name}`);
  return Object.keys(table).filter((name) => names.includes(name));
}

/** Jobs for runJob, and the cells that do not apply: { jobs, absent }. `fresh` gives each cell a process of its own. */
export function plan(options) {
  const {
    lines,
    threads = THREADS,
    sourceNames,
    awaitedNames,
    module,
    env = {},
    limit = LIMIT_MS,
    fresh,
  } = options;
  const jobs = [];
  const absent = [];
  const places = known(sourceNames ?? Object.keys(sources), sources, 'source');
  const things = known(awaitedNames ?? Object.keys(awaited), awaited, 'awaited thing');
  for (const line of lines) {
    for (const thread of threads) {
      for (const name of places) {
        const source = sources[name];
        const cells = [];
        for (const thing of things) {
          const reason = left(source, awaited[thing], { thread, major: line.major, env });
          if (reason) absent.push({ source: name, awaited: thing, line, thread, reason });
          else cells.push(thing);
        }
        const { entry } = source;
        const job = { source: name, line, node: line.path, thread, module, env, entry, limit, fresh };
        if (fresh) for (const cell of cells) jobs.push({ ...job, awaited: [cell] });
        else if (cells.length > 0) jobs.push({ ...job, awaited: cells });
      }
    }
  }
  return { jobs, absent };
}

export function shortPlan(line, options = {}) {
  const base = { lines: [line], awaitedNames: SHORT.awaited, ...options };
  const main = plan({ ...base, threads: ['main'] });
  const worker = plan({ ...base, threads: ['worker'], sourceNames: SHORT.worker });
  return { jobs: [...main.jobs, ...worker.jobs], absent: [...main.absent, ...worker.absent] };
}

export function fullPlan(lines, options = {}) {
  const all = plan({ ...options, lines });
  const first = plan({ ...options, lines, awaitedNames: FRESH, fresh: true });
  return { jobs: [...all.jobs, ...first.jobs], absent: all.absent };
}
