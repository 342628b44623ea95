/** A stream as a plain `for` loop, and closed when the loop is left. */
import { createReadStream, statSync } from 'node:fs';
import { canRun, run } from 'isthmus';
import { count, formatMs } from './paint.mjs';

const file = new URL('../../package-lock.json', import.meta.url);

function findIn(stream, word) {
  let text = '';
  let chunks = 0;
  for (const chunk of run.each(stream)) {
    chunks++;
    text += chunk;
    if (text.includes(word)) break;
  }
  return { chunks, read: text.length };
}

export const stream = {
  title: 'A stream, read by a for loop and left early',
  code: [
    'for (const chunk of run.each(stream)) {',
    '  text += chunk;',
    '  if (text.includes(word)) break;',
    '}',
  ],
  async visit() {
    const { size } = statSync(file);
    const source = createReadStream(file, { encoding: 'utf8', highWaterMark: 512 });

    const path = canRun();
    const began = performance.now();
    const { chunks, read } = findIn(source, '"node_modules/');
    const ms = performance.now() - began;

    const left = source.destroyed;
    if (!source.closed) await new Promise((resolve) => source.once('close', resolve));
    return {
      checks: [
        [
          `found after ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}: ${count(read)} of ${count(size)} bytes were read`,
          chunks > 0 && read < size,
        ],
        ['break destroyed the stream on the spot, and its file is closed', left && source.closed],
      ],
      path,
      cost: `${formatMs(ms)}, ${formatMs(ms / chunks)} a chunk`,
    };
  },
};
