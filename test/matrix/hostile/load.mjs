// One load: a server and its clients in processes of their own, watched from here.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A child that talks in JSON lines; `file` is beside this one, or a URL. `ended` gives { code, signal, stderr }; `said(key)` the first line with that key. */
function talker(node, file, job, env = {}) {
  const child = spawn(node, ['--expose-gc', here(file), JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const lines = {};
  const waiting = {};
  const uncaught = [];
  let stderr = '';
  child.stdin.on('error', () => {});
  child.stderr.on('data', (piece) => {
    stderr = (stderr + piece).slice(-3000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const [[key, value]] = Object.entries(JSON.parse(line));
    if (key === 'uncaught') return uncaught.push(value);
    lines[key] = value;
    waiting[key]?.(value);
  });
  const ended = new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  const said = (key) =>
    key in lines
      ? Promise.resolve(lines[key])
      : new Promise((resolve) => {
          waiting[key] = resolve;
        });
  return { child, ended, said, uncaught };
}

function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Runs one load and gives { counts, account, complaints }.
 * @param options { node, module, gate, work, batch, timer, lanes, seconds, seed, burst, bodies, env }; for a server of another
 * kind also { server, job, behaviours, connections }: its URL, what it is told, the URL of more behaviours of clients, and how many
 * connections there are at most
 */
export async function load({
  node,
  module,
  gate,
  work,
  batch,
  timer,
  lanes = 60,
  seconds,
  seed,
  burst,
  bodies,
  env,
  server: file = 'server.mjs',
  job,
  behaviours,
  connections,
}) {
  const server = talker(node, file, { module, gate, work, batch, timer, ...job }, env);
  const complaints = [];
  const dead = server.ended.then(({ code, signal, stderr }) => ({
    dead: `code ${code}, signal ${signal}\n${stderr}`,
  }));
  let counts;
  let account;
  const clients = [];
  try {
    const port = await within(20_000, Promise.race([server.said('port'), dead]));
    if (typeof port !== 'number')
      throw new Error(`the server did not start: ${port?.dead ?? 'no answer in 20 s'}`);
    const ms = seconds * 1000;
    // The clients run on the Node of this process: they are the weather, not what is tested.
    const clientJob = { port, lanes, ms, seed, burst, bodies, behaviours, connections };
    clients.push(talker(process.execPath, 'clients.mjs', clientJob));
    counts = await within(ms + 30_000, Promise.race([clients[0].said('counts'), dead]));
    if (!counts) throw new Error('the clients did not come to an end: some answer never came');
    if (counts.dead) throw new Error(`the server died under the load: ${counts.dead}`);
    server.child.stdin.write('stop\n');
    account = await within(30_000, Promise.race([server.said('account'), dead]));
    if (!account) throw new Error('the server hangs: it never gave its account');
    if (account.dead) throw new Error(`the server died after the load: ${account.dead}`);
    const end = await within(10_000, server.ended);
    if (!end) complaints.push('the server did not end by itself: something keeps its loop alive');
    else if (end.code !== 0)
      complaints.push(`the server ended with code ${end.code}, signal ${end.signal}: ${end.stderr}`);
  } catch (error) {
    complaints.push(error.message);
  } finally {
    for (const { child } of [server, ...clients]) child.kill('SIGKILL');
    await Promise.all([server, ...clients].map(({ ended }) => ended));
  }
  for (const error of server.uncaught) complaints.push(`nobody caught: ${error}`);
  return { counts, account, complaints };
}
