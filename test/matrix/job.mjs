// Runs the cells of one source in child processes, and watches them: a cell that outlives its limit costs its process
// (ended by its own pid), and the cells after it go on in a fresh one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** What is reported when all cells were right and the process then was not. */
export const THE_END = 'the end';
/** An idle loop that is busy for more than this part of its time is spinning. */
const RESTLESS = 0.5;
const TICKS_PER_SECOND = 100; // USER_HZ, which is 100 wherever Linux runs Node

/** CPU seconds that a process has used, or null where /proc does not tell. */
export function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

export function command(job) {
  const entry = job.entry ?? 'entry.mjs';
  const spec = JSON.stringify({ source: job.source, awaited: job.awaited, module: job.module });
  const main = job.thread === 'worker' ? [here('host.mjs'), entry, spec] : [here(entry), spec];
  return [job.node, ['--expose-gc', ...main]];
}

/** One process. Gives records by cell name; `rest` are the cells that it did not get to. */
function once(job, onRecord) {
  return new Promise((resolve) => {
    const [file, args] = command(job);
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...job.env } });
    const left = new Set(job.awaited);
    let cell = null;
    let ended = false;
    let killed = null;
    let quiet = 0;
    let stderr = '';
    let timer;
    let cpuAt = 0;

    const finish = (record) => {
      if (!left.delete(cell.name)) return;
      onRecord({ ...cell, ...record });
      cell = null;
    };
    const watch = (ms) => {
      clearTimeout(timer);
      cpuAt = cpuSeconds(child.pid) ?? 0;
      timer = setTimeout(() => {
        const burnt = (cpuSeconds(child.pid) ?? 0) - cpuAt;
        killed = burnt > (ms / 1000) * 0.4 ? 'spin' : 'hang';
        child.kill('SIGKILL');
      }, ms);
    };
    const heard = {
      start: (message) => {
        cell = { name: message.start, at: 'before' };
      },
      fired: () => {
        cell.at = 'in run';
      },
      done: ({ done: _, ...result }) => {
        cell = { ...cell, ...result, at: 'after' };
      },
      sound: () => finish({ at: 'sound' }),
      uncaught: (message) => {
        if (cell) cell.uncaught = message.uncaught;
      },
      quiet: (message) => {
        quiet = message.quiet;
      },
      want: () => child.stdin.write('x'),
      end: () => {
        ended = true;
      },
    };
    child.stdin.on('error', () => {});
    child.stderr.on('data', (piece) => {
      stderr = (stderr + piece).slice(-4000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      watch(job.limit);
      const message = line.startsWith('{') ? JSON.parse(line) : {};
      heard[Object.keys(message)[0]]?.(message);
    });
    watch(job.limit * 2);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const broken = killed ?? (ended && code === 0 ? null : 'crash');
      if (broken || quiet > RESTLESS) {
        const why = { broken: broken ?? 'spin', code, signal, stderr: stderr.trim().slice(-1500) };
        const name = cell?.name ?? [...left][0] ?? THE_END;
        if (left.has(name)) {
          cell ??= { name, at: 'start' };
          finish(why);
        } else onRecord({ name: THE_END, at: 'after', ...why });
      }
      resolve({ rest: [...left], again: Boolean(broken) });
    });
  });
}

/** All cells of a job: { source, awaited, node, thread, module?, env?, limit, entry? }. */
export async function runJob(job, onRecord) {
  let awaited = job.awaited;
  while (awaited.length > 0) {
    const { rest, again } = await once({ ...job, awaited }, onRecord);
    if (rest.length === awaited.length || (rest.length > 0 && !again)) {
      for (const name of rest)
        onRecord({ name, at: 'start', broken: 'crash', stderr: 'the process skipped this cell' });
      return;
    }
    awaited = rest;
  }
}
