// Signals are read in batches, and SIGCHLD is one of them. Only main threads get them.
import { spawn } from 'node:child_process';
import { block, calm, firstOf, rightOrLate, sleep } from '../kit.mjs';

export const threads = ['main'];

export async function childHeldInAnOuterSignal(run) {
  const exit = new Promise((resolve) => spawn('sleep', ['0.1'], { stdio: 'ignore' }).on('exit', resolve));
  const { first, done } = firstOf(() => {
    run(exit);
    calm(run);
  });
  process.on('SIGUSR2', first);
  process.kill(process.pid, 'SIGUSR2');
  block(300);
  await done;
}

export async function anotherSignalOfTheBatch(run) {
  const other = new Promise((resolve) => process.once('SIGHUP', resolve));
  const { first, done } = firstOf(() => {
    rightOrLate(run, other);
    calm(run);
  });
  process.on('SIGUSR2', first);
  process.kill(process.pid, 'SIGUSR2');
  process.kill(process.pid, 'SIGHUP');
  await done;
}

// `once` closes the signal's handle while its callback is below: libuv puts such a handle back in each turn.
export async function onceClosesItsHandle(run) {
  const { first, done } = firstOf(() => calm(run));
  process.once('SIGTERM', first);
  process.kill(process.pid, 'SIGTERM');
  await done;
  await sleep(1);
}
