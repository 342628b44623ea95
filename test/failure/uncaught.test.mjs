// What escapes from a callback, and process.exit in one, while run waits: the same as while an `await` does.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../hosts/child.mjs';
import { allLines } from '../hosts/lines.mjs';

const isthmus = new URL('../../dist/index.js', import.meta.url).href;
const scenario = fileURLToPath(new URL('./uncaught.scenario.mjs', import.meta.url));
const limit = 20_000;

const places = ['run, main', 'run, microtask', 'run, timer', 'run, immediate', 'run, fs'];
const throwing = ['throw', 'reject', 'error event', 'error of a stream'];
const kinds = [
  'timer',
  'interval',
  'immediate',
  'nextTick',
  'queueMicrotask',
  'tick inside an immediate',
  'fs',
  'socket data',
  'port message',
  'emitter in a timer',
  'emitter in fs',
  'signal',
];

async function play(line, name, how, act, kind) {
  const done = await runChild(line.node, [scenario, how, act, kind, isthmus], {
    limit,
    env: { SCENARIO: name },
  });
  assert.equal(done.timedOut, false, `${how}: killed after ${limit} ms\n${done.stdout}${done.stderr}`);
  return done;
}

// How a process ended, and the head of what it said. The stack below the callback's own frame differs by nature: there is one, while run waits.
function endOf({ code, signal, stdout, stderr }) {
  const lines = stderr.split('\n');
  const first = lines.findIndex((text) => /^ {4}at /.test(text));
  return { code, signal, stdout, head: lines.slice(0, first + 1) };
}

for (const line of allLines()) {
  describe(`Node ${line.version}`, { concurrency: 2 }, () => {
    const on = (title, body) => test(title, { timeout: 4 * limit }, body);

    for (const act of throwing) {
      on(`handled: ${act}`, async () => {
        const control = await play(line, 'handled', 'await', act, 'all');
        assert.equal(control.code, 0, control.stderr);
        const log = JSON.parse(control.stdout);
        const reached = log.filter(([event, same]) => /^un[ch]/.test(event) && same === true);
        assert.equal(reached.length, kinds.length, 'a handler got each error itself');
        // On Node 20 and 22 the handled exception costs a caller its store: see README, Honest limits.
        const kept = Number(line.version.split('.')[0]) >= 24 || act === 'reject';
        const told = (entries) =>
          kept
            ? entries
            : entries.map((entry) => [entry].flat().filter((word) => word !== 'mine' && word !== null));
        for (const how of places) {
          const done = await play(line, 'handled', how, act, 'all');
          assert.equal(done.code, 0, `${how}: ${done.stderr}`);
          assert.deepEqual(told(JSON.parse(done.stdout)), told(log), how);
        }
      });
    }

    for (const act of [...throwing, 'exit']) {
      on(`fatal: ${act}`, async () => {
        const seen = { control: {}, run: {} };
        for (const kind of kinds) {
          const control = await play(line, 'fatal', 'await', act, kind);
          assert.equal(control.code, act === 'exit' ? 7 : 1, `${kind}: ${control.stderr}`);
          assert.match(control.stdout, /^exit \d/);
          if (act !== 'exit') assert.match(control.stderr, /mine, in/);
          seen.control[kind] = endOf(control);
          seen.run[kind] = endOf(await play(line, 'fatal', 'run, main', act, kind));
        }
        assert.deepEqual(seen.run, seen.control);
      });
    }
  });
}
