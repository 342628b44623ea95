/** The other direction: blocking code leaves the event loop, for a thread of a pool. */
import { createPool } from 'isthmus';
import { busy, hashSync } from './elsewhere.mjs';
import { formatMs } from './paint.mjs';

const words = ['one', 'two', 'three', 'four', 'five', 'six'];

/** The longest that the event loop stood still (ms) while `work` went on, and what it gave. */
async function standstill(work) {
  let longest = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  const value = await work();
  look();
  clearInterval(timer);
  return { longest, value };
}

export const offload = {
  title: 'Blocking code leaves the event loop',
  code: ["const hash = await toThread(hashSync, password);   // the function itself, on a pool's thread"],
  needsPump: false,
  async visit() {
    const pool = createPool({ size: 2 });
    await pool.run(hashSync, 'to warm it up');
    const here = await standstill(async () => words.map(hashSync));
    const there = await standstill(() => Promise.all(words.map((word) => pool.run(hashSync, word))));

    const began = performance.now();
    const late = await pool
      .with({ timeout: 50, grace: 50 })
      .run(busy)
      .catch((error) => error);
    const released = performance.now() - began;
    const next = await pool.run(hashSync, 'one');
    const { run } = pool.stats();
    await pool.destroy();
    return {
      checks: [
        [
          `${words.length} passwords hashed here: the loop stood still for ${formatMs(here.longest)}; by the pool: for ${formatMs(there.longest)}`,
          String(here.value) === String(there.value) && there.longest < here.longest,
        ],
        [
          `a loop without end: ${late.code} after ${formatMs(released)}, its thread is ended, and the next task works`,
          late.code === 'ERR_ISTHMUS_TIMEOUT' && next === here.value[0],
        ],
      ],
      path: { how: 'pool', base: '2 threads' },
      cost: `${formatMs(run.p50)} for a hash`,
    };
  },
};
