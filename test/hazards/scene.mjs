// One scenario in a process of its own: node scene.mjs <file> <name> main|worker. ISTHMUS_HAZARD_RUN may name a module
// whose `run` takes the place of the package's, to see a scenario fail on another pump.
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

async function perform([file, name]) {
  const { run } = await import(process.env.ISTHMUS_HAZARD_RUN ?? 'isthmus');
  const scenario = (await import(`./scenarios/${file}.mjs`))[name];
  await scenario(run);
}

const asked = isMainThread ? process.argv.slice(2) : workerData;
// A hang shows as a hang where the loop is kept alive; the scenarios about a quiet loop are without it.
const keepAlive = ['quiet', 'closing'].includes(asked[0]) ? undefined : setInterval(() => {}, 60_000);
if (asked[2] === 'worker' && isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: asked });
  worker.on('error', (error) => {
    writeSync(2, `${error.stack}\n`);
    process.exitCode = 1;
  });
  worker.on('exit', (code) => process.exit(process.exitCode ?? code));
} else {
  await perform(asked);
  writeSync(1, 'passed\n');
  clearInterval(keepAlive);
  process.exit(0);
}
