// Runs a plan, a few processes at a time, and judges every record.
import { rmSync } from 'node:fs';
import { compileAddon } from './addon.mjs';
import { runJob, THE_END } from './job.mjs';
import { judge } from './verdict.mjs';

/** Gives all cells: { source, awaited, line, thread, ok, mark, why, ms, pending }. `make` gets the env of the addon. */
export async function runPlan(make, { width = 2, onCell = () => {} } = {}) {
  const { env, folder } = compileAddon();
  try {
    const { jobs, absent } = make(env);
    const results = absent.map(({ reason, ...cell }) => ({
      ...cell,
      ok: true,
      absent: true,
      mark: 'n/a',
      why: reason,
    }));
    const total = jobs.reduce((sum, job) => sum + job.awaited.length, 0);
    const queue = jobs.values();
    const lane = async () => {
      for (const job of queue) {
        await runJob(job, (record) => {
          const { source, line, thread, fresh } = job;
          const { name, ms, pending } = record;
          const cell = { source, awaited: name, line, thread, fresh, ms, pending, ...judge(source, record) };
          results.push(cell);
          onCell(cell, results.length - absent.length, total);
        });
      }
    };
    await Promise.all(Array.from({ length: width }, lane));
    return results;
  } finally {
    if (folder) rmSync(folder, { recursive: true });
  }
}

export const failures = (results) => results.filter((cell) => !cell.ok);

/** One failing cell, with the command that shows it again. */
export function describe({ source, awaited, line, thread, fresh, mark, why }) {
  const only = awaited === THE_END ? '' : ` --awaited ${awaited}`;
  const again = `node test/matrix/matrix.mjs --node ${line.path} --thread ${thread} --source ${source}${only}${fresh ? ' --fresh' : ''}`;
  return `${mark}: ${source} waits for ${awaited}, Node ${line.version}, ${thread} thread${fresh ? ', first call' : ''}\n  ${why}\n  again: ${again}`;
}
