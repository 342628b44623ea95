// Ports, threads, processes, signals: async handles, pipes and the signal watcher.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel, isMainThread, MessageChannel, Worker } from 'node:worker_threads';
import { answer, next } from '../kit.mjs';
import { emit } from '../report.mjs';

export const messagePort = {
  title: 'MessagePort message',
  has: ['same'],
  ready: () => new MessageChannel(),
  fire({ port1, port2 }, call) {
    const same = () => {
      const arrived = next(port2, 'message');
      port1.postMessage('b');
      return answer(arrived, 'b');
    };
    port2.once('message', () => call({ same }));
    port1.postMessage('a');
  },
  done: ({ port1 }) => port1.close(),
};

export const workerMessage = {
  title: 'Worker message',
  alive: true,
  has: ['same'],
  setup: () =>
    new Worker(
      "import('node:worker_threads').then(({ parentPort: p }) => p.on('message', (m) => p.postMessage(m)))",
      { eval: true },
    ),
  fire(_, call, { shared }) {
    const same = () => {
      const arrived = next(shared, 'message');
      shared.postMessage('b');
      return answer(arrived, 'b');
    };
    shared.once('message', () => call({ same }));
    shared.postMessage('a');
  },
};

export const broadcast = {
  title: 'BroadcastChannel message',
  alive: true,
  ready: () => ({ a: new BroadcastChannel('matrix'), b: new BroadcastChannel('matrix') }),
  fire({ a, b }, call) {
    b.onmessage = () => call();
    a.postMessage('a');
  },
  done({ a, b }) {
    a.close();
    b.close();
  },
};

export const childExit = {
  title: "child's exit",
  fire: (_, call) => spawn('true', { stdio: 'ignore' }).once('exit', () => call()),
};

export const childStdout = {
  title: "child's stdout",
  alive: true,
  ready: () => spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] }),
  has: ['same'],
  fire(child, call) {
    const same = () => {
      const arrived = next(child.stdout, 'data').then(String);
      child.stdin.write('b');
      return answer(arrived, 'b');
    };
    child.stdout.once('data', () => call({ same }));
    child.stdin.write('a');
  },
  done: (child) => child.kill(),
};

export const ipcMessage = {
  title: 'IPC message',
  alive: true,
  has: ['same'],
  setup: () => fork(new URL('../fixtures/echo.mjs', import.meta.url), { execArgv: [] }),
  fire(_, call, { shared }) {
    const same = () => {
      const arrived = next(shared, 'message');
      shared.send('b');
      return answer(arrived, 'b');
    };
    shared.once('message', () => call({ same }));
    shared.send('a');
  },
  end: (shared) => shared.disconnect(),
};

export const stdinData = {
  title: 'stdin data',
  alive: true,
  has: ['same'],
  fire(_, call) {
    const same = () => {
      const arrived = next(process.stdin, 'data').then(String);
      emit({ want: 'stdin' });
      // A Worker's stdin asks for more only when its callback has returned.
      return { ...answer(arrived, 'x'), serial: !isMainThread };
    };
    process.stdin.resume();
    process.stdin.once('data', () => call({ same }));
    emit({ want: 'stdin' });
  },
  done: () => process.stdin.pause(),
};

export const fsWatch = {
  title: 'fs.watch event',
  alive: true,
  ready() {
    const folder = mkdtempSync(join(tmpdir(), 'isthmus-matrix-'));
    return { folder, watcher: watch(folder) };
  },
  fire({ folder, watcher }, call) {
    watcher.once('change', () => call());
    writeFileSync(join(folder, 'file'), 'a');
  },
  done({ folder, watcher }) {
    watcher.close();
    rmSync(folder, { recursive: true });
  },
};

export const signal = {
  title: 'signal (SIGUSR2)',
  threads: ['main'],
  fire(_, call) {
    // A signal's watcher does not keep the loop alive; this does, until the signal is there.
    const awake = setInterval(() => {}, 1000);
    process.once('SIGUSR2', () => {
      clearInterval(awake);
      call();
    });
    process.kill(process.pid, 'SIGUSR2');
  },
};
