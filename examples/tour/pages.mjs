/** The server lives in the very thread that waits for it: a library that blocks this thread would wait for ever. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { threadId } from 'node:worker_threads';
import { canRun, run } from 'isthmus';
import { count, formatMs } from './paint.mjs';

const folder = new URL('../../src/run/', import.meta.url);

function readPage(url) {
  const response = run(fetch(url));
  return { text: run(response.text()), thread: Number(response.headers.get('x-thread')) };
}

export const pages = {
  title: 'Pages from an HTTP server in the same thread',
  code: ['const response = run(fetch(url));', 'return run(response.text());'],
  async visit() {
    const names = readdirSync(folder).sort();
    const server = createServer((request, response) => {
      response.setHeader('x-thread', threadId).end(readFileSync(new URL(`.${request.url}`, folder)));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address();

    const path = canRun();
    const began = performance.now();
    const read = names.map((name) => readPage(`http://127.0.0.1:${port}/${name}`));
    const ms = performance.now() - began;

    server.close();
    server.closeAllConnections();
    const characters = read.reduce((sum, { text }) => sum + text.length, 0);
    const right = read.filter(({ text }, i) => text === readFileSync(new URL(names[i], folder), 'utf8'));
    return {
      checks: [
        [
          `${right.length} of ${names.length} pages are right, ${count(characters)} characters`,
          right.length === names.length && names.length > 5,
        ],
        [`thread ${threadId} both asked and answered`, read.every(({ thread }) => thread === threadId)],
      ],
      path,
      cost: `${formatMs(ms)}, ${formatMs(ms / names.length)} a page`,
    };
  },
};
