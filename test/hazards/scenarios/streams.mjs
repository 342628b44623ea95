// From callbacks of pollers and pipes: c-ares sockets, file watchers, a child's pipes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { promises as dns } from 'node:dns';
import { mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { block, calm, firstOf, rightOrLate, within } from '../kit.mjs';

/** Answers any query with one address. */
async function nameServer() {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const head = Buffer.from(query.subarray(0, end));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(1, 6);
    head.writeUInt32BE(0, 8);
    socket.send(
      Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 9])]),
      port,
      address,
    );
  });
  await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

export async function names(run) {
  const server = await nameServer();
  const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  const answers = ['a.test', 'b.test', 'c.test'].map((name) => resolver.resolve4(name));
  await Promise.race(answers);
  for (const answer of answers) assert.deepEqual(run(answer), ['127.0.0.9']);
  calm(run);
  await within(
    (callback) => setImmediate(callback),
    () => assert.equal(run(resolver.resolve4('d.test')).length, 1),
  );
  server.close();
}

export async function childPipes(run) {
  const child = spawn('sh', ['-c', 'echo out; echo err >&2; cat']);
  const error = new Promise((resolve) => child.stderr.once('data', resolve));
  const echoed = new Promise((resolve) =>
    child.stdout.on('data', (bytes) => String(bytes).includes('in') && resolve()),
  );
  const { first, done } = firstOf(() => {
    assert.equal(String(run(error)), 'err\n');
    child.stdin.end('in');
    calm(run);
  });
  child.stdout.once('data', first);
  await done;
  run(echoed);
}

// inotify events of several folders are read at once.
export async function foldersThatChangedTogether(run) {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'isthmus-hazard-')));
  const watchers = folders.map((folder) => watch(folder));
  const second = new Promise((resolve) => watchers[1].once('change', resolve));
  const { first, done } = firstOf(() => {
    rightOrLate(run, second);
    calm(run);
  });
  watchers[0].on('change', first);
  for (const folder of folders) writeFileSync(join(folder, 'file'), 'x');
  block(20);
  await done;
  for (const watcher of watchers) watcher.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
}
