/** Many handlers at once, each calling sync code that waits. `await turn()` gives each a clean base, in fair batches. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { canRun, run, turn } from 'isthmus';
import { formatMs } from './paint.mjs';

const CLIENTS = 256;

/** Plain sync code that needs a file and some time. */
function render(id) {
  run(sleep(5));
  const manifest = run(readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return `${JSON.parse(manifest).name} ${id}`;
}

export const handlers = {
  title: `${CLIENTS} HTTP handlers at once, each waiting in sync code`,
  code: ['await turn();', 'response.end(render(id));   // sync: calls run(sleep(5)), then run(readFile(…))'],
  async visit() {
    const bases = new Set();
    let path;
    let open = 0;
    let most = 0;
    const server = createServer(async (request, response) => {
      most = Math.max(most, ++open);
      await turn();
      path = canRun();
      bases.add(path.base);
      response.end(render(request.url));
      open--;
    });
    await once(server.listen(0, '127.0.0.1', CLIENTS), 'listening');
    const { port } = server.address();
    const before = turn.stats();

    const began = performance.now();
    const ids = Array.from({ length: CLIENTS }, (_, id) => id);
    const answers = await Promise.all(
      ids.map(async (id) => (await fetch(`http://127.0.0.1:${port}/${id}`)).text()),
    );
    const ms = performance.now() - began;

    server.close();
    server.closeAllConnections();
    const after = turn.stats();
    const right = answers.filter((answer, id) => answer === `isthmus /${id}`).length;
    return {
      checks: [
        [`${right} of ${CLIENTS} answers are right; ${most} handlers were open at once`, right === CLIENTS],
        [`every one stood on a clean base: ${[...bases].join(', ')}`, bases.size === 1 && bases.has('turn')],
        [
          `let in by ${after.batches - before.batches} batches of ${after.batch} at most; the longest wait for a ` +
            `turn was ${formatMs(after.longestWaitMs)}, and ${run.stats().maxDepth} calls were nested at most`,
          after.admitted - before.admitted === CLIENTS,
        ],
      ],
      path,
      cost: `${formatMs(ms)}, ${formatMs(ms / CLIENTS)} a request (clients included)`,
    };
  },
};
