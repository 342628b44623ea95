// An adapter's server under load: node --expose-gc server.mjs '{"adapter":"fastify"}'. It says its port, and its account at the
// end: what is left when all clients have gone.
import { readdirSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { turn } from 'isthmus';
import { account } from '../../matrix/hostile/account.mjs';
import { busyShare, listening, sleep } from '../../matrix/kit.mjs';
import { emit } from '../../matrix/report.mjs';
import { apps } from './apps.mjs';

const { adapter } = JSON.parse(process.argv[2]);

process.on('uncaughtException', (error) => emit({ uncaught: String(error?.stack ?? error) }));
process.on('unhandledRejection', (error) => emit({ uncaught: String(error?.stack ?? error) }));
// Read from the start, so that the pipe is part of the baseline.
process.stdin.once('data', finish);

const { server, pools, close } = await apps[adapter]();
const port = await listening(server);

const ask = (path) =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve(`${response.statusCode} ${text}`));
    }).on('error', reject);
  });

const stats = () => Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, pool.stats()]));
/** Everybody has gone, and idle workers too. The caller's patience is the end of it. */
async function quiet() {
  const isBusy = () =>
    turn.stats().waiting > 0 ||
    Object.values(stats()).some(({ workers, queued }) => workers.length + queued > 0);
  while (isBusy()) await sleep(10);
}
/** Node 20 leaves a module's file open where a thread is ended while it loads it; others read them at once. */
const isLeft = (fd) => {
  try {
    return process.version.startsWith('v20.') && /\.m?js$/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
};
const owned = async () => ({
  ...(await account()),
  descriptors: readdirSync('/proc/self/fd').filter((fd) => !isLeft(fd)).length,
  threads: readdirSync('/proc/self/task').length,
  rss: process.memoryUsage().rss,
});

// Everything that is made once is made before the baseline.
const paths =
  adapter === 'http' ? ['/1', '/loop/1'] : ['/1', '/loop/1', '/narrow/1', '/timeout/1', '/stream/1/10'];
for (let i = 0; i < 10; i++) await Promise.all(paths.map(ask));
await quiet();
const before = await owned();
emit({ port });

async function finish() {
  const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  while ((await connections()) > 0) await sleep(10);
  const ping = await ask('/ping');
  const again = adapter === 'http' ? undefined : await ask('/patient/7');
  await quiet();
  const after = await owned();
  const restless = await busyShare();
  emit({ account: { before, after, ping, again, pools: stats(), turn: turn.stats(), restless } });
  await close();
  process.stdin.destroy();
}
