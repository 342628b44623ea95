// How `npm start` begins and ends, without a browser: addresses, signals, exit codes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, limit, main, missing, printed, root, start } from './kit.mjs';

const options = { ...limit, skip: missing };
const linux = { ...limit, skip: missing || (process.platform !== 'linux' && 'it needs /proc') };

const put = (address, path, body) =>
  fetch(address + path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });

/** What the page is told, event by event. */
async function* events(address) {
  const { body } = await fetch(`${address}/events`, { signal: AbortSignal.timeout(60_000) });
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const whole = text.split('\n\n');
    text = whole.pop();
    for (const event of whole) yield JSON.parse(event.slice(event.indexOf('data: ') + 6));
  }
}

async function until(address, holds) {
  for await (const event of events(address)) if (holds(event)) return event;
  throw new Error('the events have ended');
}

const begun =
  (way) =>
  ({ results }) =>
    results?.[way]?.calls > 0;

for (const signal of ['SIGINT', 'SIGTERM']) {
  for (const way of ['naive', 'thread', 'process', 'run']) {
    test(`${signal} under load (${way}): it ends with 0, and so does the server`, options, async (scope) => {
      const { address, child, exited, program } = await start(scope, '--port', '0');
      const server = /under load is at (http:\S+),/.exec(
        (await printed(program, /under load is at \S+,/)).input,
      )[1];
      assert.equal((await put(address, '/load', { way, job: 'hash', clients: 4 })).status, 202);
      await until(address, begun(way));
      child.kill(signal);
      assert.equal(await exited, 0);
      assert.equal(program.err, '');
      await assert.rejects(fetch(server), 'the server has ended, too');
    });
  }
}

const { start: script } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;

test(
  'npm start at a terminal: Ctrl+C reaches everything, and twice by npm; both end with 0',
  options,
  async (scope) => {
    const program = launch(scope, 'sh', ['-c', `${script} --port 0`]);
    const [, address] = await printed(program, /the page is at (http:\S+)/);
    await put(address, '/load', { way: 'naive', job: 'hash', clients: 64 });
    await until(address, begun('naive'));
    // It is the leader of its group, as at a terminal.
    process.kill(-program.child.pid, 'SIGINT');
    await printed(program, /ending/);
    program.child.kill('SIGINT');
    assert.equal(await program.exited, 0);
    assert.equal(program.err, '');
  },
);

test('a second Ctrl+C does not wait', options, async (scope) => {
  const { address, child, exited } = await start(scope, '--port', '0');
  // What is on its way then takes a second at least: it is done one after another.
  await put(address, '/load', { way: 'naive', job: 'hash', clients: 64 });
  await until(address, begun('naive'));
  const timer = setInterval(() => child.kill('SIGINT'), 100);
  scope.after(() => clearInterval(timer));
  assert.equal(await exited, 130);
});

test('a signal to npm start alone is one to the program: no shell is between', options, async (scope) => {
  const program = launch(scope, 'sh', ['-c', `${script} --port 0`]);
  await printed(program, /under load is at/);
  program.child.kill('SIGTERM');
  assert.equal(await program.exited, 0);
});

test('a port that is taken: another one, unless it was asked for', options, async (scope) => {
  const first = await start(scope);
  const second = await start(scope);
  assert.notEqual(first.address, second.address);
  assert.match(second.program.out, /^isthmus: port 3000 is taken; /m);
  assert.equal((await fetch(second.address)).status, 200);
  const third = launch(scope, process.execPath, [main, '--port', new URL(first.address).port]);
  assert.equal(await third.exited, 1);
  assert.match(third.err, /^isthmus: .*EADDRINUSE/);
  for (const { child, exited } of [first, second]) {
    child.kill('SIGINT');
    assert.equal(await exited, 0);
  }
});

test('what was mistyped is said, with what may be written', options, async (scope) => {
  for (const [args, message] of [
    [['--port', 'x'], /--port "x": write a number from 0/],
    [['--clients', '65'], /--clients "65": write a whole number from 1 to 64/],
    [['--seconds', ''], /--seconds "": write a number from 0.5 to 600/],
    [['--job', 'toString'], /--job "toString": write one of hash, gzip, diff/],
    [['--tex'], /Unknown option '--tex'/],
  ]) {
    const program = launch(scope, process.execPath, [main, ...args]);
    assert.equal(await program.exited, 2);
    assert.match(program.err, message);
    assert.match(program.err, /--host <address>/);
  }
  const help = launch(scope, process.execPath, [main, '--help']);
  assert.equal(await help.exited, 0);
  assert.match(help.out, /--text/);
});

test('what the page may not ask for is refused', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  const load = { way: 'thread', job: 'hash', clients: 4 };
  for (const body of [
    { ...load, way: 'idle' },
    { ...load, clients: 65 },
    { ...load, job: 'x' },
    { way: 'naive' },
    {},
  ])
    assert.equal((await put(address, '/load', body)).status, 400, JSON.stringify(body));
  assert.equal((await put(address, '/load', load)).status, 202);
  const page = await fetch(address);
  assert.match(page.headers.get('content-security-policy'), /^default-src 'none'/);
});

test('a later order takes the place of an earlier one', options, async (scope) => {
  const { address } = await start(scope, '--port', '0');
  await put(address, '/tour', { job: 'hash', clients: 4 });
  await put(address, '/load', { way: 'naive', job: 'hash', clients: 2 });
  await put(address, '/load', { way: 'auto', job: 'diff', clients: 3 });
  const { sample } = await until(address, begun('auto'));
  const { way, job, clients } = sample.load;
  assert.deepEqual([way, job, clients, sample.isTouring], ['auto', 'diff', 3, false]);
  const stopped = await fetch(`${address}/load`, { method: 'DELETE' });
  assert.equal(stopped.status, 202);
  await until(address, ({ sample }) => sample !== undefined && sample.load === undefined);
});

test('a server that dies is told of, and ends the program with 1', linux, async (scope) => {
  const { child, exited, program } = await start(scope, '--port', '0');
  const [server] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  process.kill(Number(server), 'SIGKILL');
  assert.equal(await exited, 1);
  assert.match(program.err, /^isthmus: The server has ended by itself \(SIGKILL\)\.$/m);
});

test('the server by itself', options, async (scope) => {
  const program = launch(scope, process.execPath, [join(root, 'examples', 'web', 'live', 'server.mjs'), '0']);
  const [, address] = await printed(program, /^(http:\S+)$/m);
  for (const [way, place] of Object.entries({
    naive: /^run;dur=[\d.]+;desc="the event loop"$/,
    thread: /^wait;dur=[\d.]+, run;dur=[\d.]+;desc="thread \d+"$/,
    auto: /desc="thread \d+"$/,
    pool: /desc="thread \d+"$/,
    process: /desc="process \d+"$/,
    run: /desc="the loop \(re-entered, base 'turn'\) and thread \d+"$/,
  })) {
    for (const path of ['hash/secret', 'gzip', 'diff']) {
      const answer = await fetch(`${address}/${way}/${path}`, { signal: AbortSignal.timeout(30_000) });
      assert.equal(answer.status, 200, `${way}/${path}: ${await answer.text()}`);
      assert.match(answer.headers.get('server-timing'), place);
    }
  }
  const { pools, loop } = await (await fetch(`${address}/health`)).json();
  assert.deepEqual(Object.keys(pools).sort(), ['own', 'process', 'shared', 'thread']);
  assert.equal(pools.shared.running + pools.shared.queued, 0);
  assert.equal(typeof loop.longestMs, 'number');
  program.child.kill('SIGINT');
  assert.equal(await program.exited, 0);
});
