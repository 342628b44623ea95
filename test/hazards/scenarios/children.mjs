// Row g: children that were reaped together.
import { spawn } from 'node:child_process';
import { block, calm, churn, firstOf } from '../kit.mjs';

const exitOf = (child) => new Promise((resolve) => child.on('exit', resolve));
const several = (count) => Array.from({ length: count }, () => spawn('true', { stdio: 'ignore' }));

export async function exitsOfOneBatch(run) {
  const children = several(5);
  const exits = children.map(exitOf);
  let which;
  const { first, done } = firstOf(() => {
    for (const exit of exits.filter((_, index) => index !== which)) run(exit);
    churn(run);
    calm(run);
  });
  for (const [index, child] of children.entries()) {
    child.prependListener('exit', () => {
      which ??= index;
      first();
    });
  }
  block(400);
  await done;
}

export async function exitsAfterAwait(run) {
  const exits = several(4).map(exitOf);
  block(400);
  await Promise.race(exits);
  for (const exit of exits) run(exit);
  calm(run);
}
