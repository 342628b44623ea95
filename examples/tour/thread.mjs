/** The other path: this thread sleeps while a kept service thread works. No pump is needed, and no foreign callback runs. */
import { readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { explain, runInThread, syncFace } from 'isthmus';
import prettier from 'prettier';
import { attempt } from './attempt.mjs';
import { Counter, dies, formatFile, same } from './elsewhere.mjs';
import { formatMs } from './paint.mjs';

const file = 'src/run/wait.ts';
const url = new URL(`../../${file}`, import.meta.url).href;

export const thread = {
  title: 'The same on a service thread, while this thread sleeps',
  code: [
    'runInThread(formatFile, url, file, (step) => steps.push(step));  // called back meanwhile',
    'using counter = syncFace.inThread(Counter);                      // made there, stays there',
  ],
  needsPump: false,
  async visit() {
    const steps = [];
    let ticked = 0;
    const immediate = setImmediate(() => ticked++);
    const { text, thread: there } = runInThread(formatFile, url, file, (step) => steps.push(step));
    const quiet = ticked === 0;
    clearImmediate(immediate);

    const counter = syncFace.inThread(Counter);
    counter.add(40);
    const sum = counter.add(2);
    counter[Symbol.dispose]();

    const calls = 200;
    const before = explain().thread;
    for (let i = 0; i < calls; i++) runInThread(same, i);
    const after = explain().thread;

    const death = attempt(() => runInThread(dies));
    const next = runInThread(formatFile, url, file, () => {});
    const awaited = await prettier.format(readFileSync(new URL(url), 'utf8'), { filepath: file });
    const each = (after.totalMs - before.totalMs) / (after.calls - before.calls);
    return {
      checks: [
        [
          `thread ${there} formatted ${file}, and called thread ${threadId} back: ${steps.join(', ')}`,
          text === awaited && there !== threadId && steps.join() === 'read,formatted',
        ],
        ['nothing else ran on this thread meanwhile', quiet],
        [`a class that is there counts to ${sum}`, sum === 42],
        [
          `a thread that dies in the middle of a call: ${death.code} after ${formatMs(death.ms)}, and the next call works`,
          death.code === 'ERR_ISTHMUS_THREAD_DIED' && next.text === text && next.thread !== there,
        ],
      ],
      path: { how: 'thread', base: explain(formatFile).loop.base },
      cost: `${formatMs(each)} for a call that does nothing`,
    };
  },
};
