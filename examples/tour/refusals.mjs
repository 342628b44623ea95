/** `run` never hangs: what cannot come, comes too late, or must not be waited for here ends with a named error. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { canRun, run, turn } from 'isthmus';
import { attempt } from './attempt.mjs';
import { formatMs } from './paint.mjs';

async function insideParser() {
  let seen;
  const server = createServer((_request, response) => {
    // Sync code in a request listener runs inside the parser's own callback.
    seen = { ...canRun(), ...attempt(() => run(sleep(1))) };
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await (await fetch(`http://127.0.0.1:${server.address().port}`)).text();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  return seen;
}

export const refusals = {
  title: 'What cannot work is refused by name, never by hanging',
  code: [
    'run(new Promise(() => {}));                                 // nothing can settle it',
    'run((signal) => sleep(60_000, 0, { signal }), { timeout: 50 });',
    'createServer((request, response) => run(sleep(1)));         // inside the HTTP parser',
  ],
  async visit() {
    const parser = await insideParser();
    await turn();
    const path = canRun();
    const never = attempt(() => run(new Promise(() => {})));
    let told = false;
    const late = attempt(() =>
      run(
        (signal) => {
          signal.addEventListener('abort', () => (told = true));
          return sleep(60_000, 0, { signal });
        },
        { timeout: 50 },
      ),
    );
    return {
      checks: [
        [
          `never settles: ${never.code} after ${formatMs(never.ms)}`,
          never.code === 'ERR_ISTHMUS_NEVER_SETTLES',
        ],
        [
          `too late: ${late.code} after ${formatMs(late.ms)}`,
          late.code === 'ERR_ISTHMUS_TIMEOUT' && late.ms < 5000,
        ],
        ['and the sleep that was given up was told so by its signal', told],
        [`inside the HTTP parser canRun() says '${parser.how}': ${parser.why}`, parser.how === 'none'],
        [`and run() there throws ${parser.code}`, parser.code === 'ERR_ISTHMUS_CANNOT_RUN'],
      ],
      path,
      cost: `${formatMs(never.ms + late.ms + parser.ms)}, most of it waiting on purpose`,
    };
  },
};
