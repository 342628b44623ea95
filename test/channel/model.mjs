// Explores every interleaving of the two sides of a channel: the house's own code, over a memory whose every access is a
// step. A side is stopped at its next access by an exception, and gone on with by running it again from its beginning
// with the answers that it had: so it must do nothing but compute and access the memory. What lies between two
// accesses is taken together with the first.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const at = (path) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url));
const require = createRequire(import.meta.url);

/** Looking often is the same as looking once, and takes as many steps; the time stands still. */
const plain = [['channel/patience.ts', 'MOST_LOOKS = 12_000', 'MOST_LOOKS = 1']];
/** What no program here uses, and what needs a whole Node when it is loaded. */
const absent = {
  'fs.ts': 'import * as fs from "node:fs"; export { fs };',
  'run/await.ts': 'export const awaitSync = undefined;',
  'task/address.ts': 'export const addressOfClass = undefined;',
  'task/loaded.ts': 'export const classAt = undefined;',
};
const params = [
  'Atomics',
  'SharedArrayBuffer',
  'performance',
  'setTimeout',
  'setImmediate',
  'Promise',
  'process',
  'modules',
];

/** Bundles both sides; `changes` are [file, text, other text], for the proof that the model sees what they break. */
export async function compile(changes = []) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-model-'));
  const outfile = join(folder, 'sides.js');
  const entry = ['channel/words.ts', 'thread/service.ts', 'worker/serve.ts'];
  await build({
    stdin: {
      contents: entry.map((path) => `export * from ${JSON.stringify(at(path))};`).join('\n'),
      resolveDir: folder,
    },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    define: { 'import.meta.url': '"file:///model/index.js"' },
    plugins: [
      {
        name: 'changes',
        setup({ onLoad }) {
          onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
            const name = Object.keys(absent).find((file) => path === at(file));
            if (name !== undefined) return { contents: absent[name], loader: 'ts' };
            let contents = readFileSync(path, 'utf8');
            for (const [file, text, other] of [...plain, ...changes]) {
              if (path !== at(file)) continue;
              const changed = contents.replace(text, other);
              if (changed === contents) throw new Error(`${file} no longer has ${text}`);
              contents = changed;
            }
            return { contents, loader: 'ts' };
          });
        },
      },
    ],
  });
  const code = readFileSync(outfile, 'utf8').replaceAll(
    /\brequire\d*\("node:(worker_threads|fs|perf_hooks)"\)/g,
    'modules["$1"]',
  );
  rmSync(folder, { recursive: true, force: true });
  return new Function('module', 'require', ...params, code);
}

const SUSPEND = Symbol('suspend');
/** How much of each box is kept: the messages here are short. */
const KEPT = 256;
const HEAD = 64;
const BOX = 64 * 1024;

const memory = new SharedArrayBuffer(HEAD + 2 * BOX);
const regions = [HEAD, HEAD + BOX].map((from) => Buffer.from(memory, from, KEPT));
const readBytes = () => Buffer.concat(regions);
function writeBytes(bytes) {
  regions.forEach((region, i) => {
    bytes.copy(region, 0, i * KEPT, (i + 1) * KEPT);
  });
}

/** Looks at the state and the number of the thread. */
const quiet = new Set(['load6', 'load7', 'load8']);

/** The words of the boxes that the first and the second side receive from. */
const UP = 0;
const DOWN = 1;
const FULL = 1;

/**
 * Runs `programs.a` and `programs.b` in every order of their steps; throws with the steps that led to a side's error, or
 * to a state in which side `a` sleeps and nothing is left that could wake it. Only `b` may be woken by its time, and not
 * while there is a message for it: then it has to be woken by that.
 */
export function explore(make, programs, { most = 100_000 } = {}) {
  let now;
  let running;

  const op = (kind, detail) => {
    const { side } = running;
    if (running.suspended) throw SUSPEND;
    const takes = kind === 'compareExchange' && detail[0] === running.takes && detail[1] === FULL;
    if (takes && running.digest) mark(running.digest());
    const logged = side.log[running.index];
    if (logged !== undefined) {
      running.index++;
      writeBytes(logged.bytes);
      return logged.answer;
    }
    if (running.live) {
      running.live = false;
      writeBytes(now.bytes);
      const answer = running.answer ?? execute(kind, detail);
      if (answer !== SUSPEND) {
        side.log.push({ kind, detail, answer, bytes: readBytes(), version: now.version });
        running.index++;
        return answer;
      }
      side.waits = detail;
    } else side.next = { kind, detail };
    running.suspended = true;
    now.bytes = readBytes();
    throw SUSPEND;
  };

  /** Says that all that the side has done comes to this; the same again is no other state. */
  const mark = (digest) => {
    if (!running.suspended) running.side.marked = { from: running.index, digest: String(digest) };
  };

  /** The same as `mark`, by itself whenever the side looks for a message. */
  const progress = (digest) => {
    running.digest = digest;
  };

  const change = (i, value) => {
    if (now.words[i] === value) return;
    now.words[i] = value;
    now.version++;
  };
  const execute = (kind, detail) => {
    if (kind === 'give') now.ports[detail.to].push(detail.message);
    else if (kind === 'get') return now.ports[detail.of].shift();
    const [i, value, other] = Array.isArray(detail) ? detail : [];
    const before = now.words[i];
    if (kind === 'load') return before;
    if (kind === 'store') change(i, value);
    else if (kind === 'compareExchange') {
      if (before === value) change(i, other);
      return before;
    } else if (kind === 'notify') {
      for (const side of [now.a, now.b]) if (side.waits?.[0] === i) side.woken = true;
    } else if (kind === 'wait') return before === value ? SUSPEND : 'not-equal';
    else if (kind === 'post') {
      now.inbox.push(detail);
      now.version++;
    } else if (kind === 'write') now.cells[i] = value;
    else if (kind === 'read') return now.cells[i];
    return 0;
  };

  const port = (of, to) => ({
    of,
    unref() {},
    postMessage: (message) => void op('give', { to, message: structuredClone(message) }),
  });
  const fakes = (bTasks) => ({
    Atomics: {
      load: (_, i) => op('load', [i]),
      store: (_, i, value) => op('store', [i, value]),
      compareExchange: (_, i, value, other) => op('compareExchange', [i, value, other]),
      notify: (_, i) => op('notify', [i]),
      wait: (_, i, value) => op('wait', [i, value]),
    },
    SharedArrayBuffer: function Shared() {
      return memory;
    },
    performance: { now: () => 0 },
    setTimeout: () => ({ unref() {} }),
    setImmediate: (task) => bTasks.immediates.push(task),
    Promise: { resolve: (value) => ({ then: (done) => bTasks.immediates.push(() => done(value.result)) }) },
    process: { on() {}, versions: {}, hrtime: process.hrtime, execArgv: [] },
    modules: {
      perf_hooks: { performance: { now: () => 0 } },
      fs: {
        existsSync: () => true,
        readdirSync: () => [],
      },
      worker_threads: {
        MessageChannel: class {
          port1 = port('a', 'b');
          port2 = {};
        },
        Worker: class {
          on() {}
          unref() {}
          postMessage(message) {
            op('post', message);
          }
          terminate() {
            op('terminate');
            throw new Error('the thread was given up');
          }
        },
        receiveMessageOnPort: ({ of }) => {
          const message = op('get', { of });
          // What is done to it now must not be there when it is gone through again.
          return message && { message: structuredClone(message) };
        },
      },
    },
  });

  /** Runs one side up to the access after its next one. */
  function advance(state, name, answer) {
    now = {
      ...state,
      words: [...state.words],
      cells: [...state.cells],
      inbox: [...state.inbox],
      ports: { a: [...state.ports.a], b: [...state.ports.b] },
      a: { ...state.a, log: [...state.a.log] },
      b: { ...state.b, log: [...state.b.log] },
      path: { before: state.path, name },
    };
    const side = now[name];
    side.waits = undefined;
    side.woken = false;
    side.next = undefined;
    const given = answer === 'message' ? { message: now.inbox.shift() } : answer;
    running = {
      side,
      index: 0,
      live: true,
      answer: given,
      suspended: false,
      takes: name === 'a' ? UP : DOWN,
    };
    writeBytes(Buffer.alloc(2 * KEPT));
    const tasks = { immediates: [] };
    const values = fakes(tasks);
    const module = { exports: {} };
    try {
      make(module, require, ...params.map((param) => values[param]));
      side.value = programs[name]({ room: module.exports, memory, op, mark, progress, tasks, port });
      if (!running.suspended) side.done = true;
    } catch (error) {
      if (error !== SUSPEND && !running.suspended) {
        side.done = true;
        side.error = error;
      }
    }
    if (!running.suspended) now.bytes = readBytes();
    return now;
  }

  /** Does a side go round without end, as long as nothing changes? Then it is not its turn until something does. */
  function isSpinning({ log }, version) {
    for (let period = 1; period <= 8; period++) {
      const last = log.slice(-3 * period);
      if (last.length < 3 * period || last[0].version !== version) continue;
      const same = (i) =>
        last[i].kind === last[i + period].kind &&
        last[i].answer === last[i + period].answer &&
        String(last[i].detail) === String(last[i + period].detail);
      if (last.slice(0, 2 * period).every((_, i) => same(i))) return true;
    }
    return false;
  }

  /** A loop that went round twice with the same answers is where it was after once, but for its patience. */
  function withoutRepeats(steps) {
    const kept = [];
    for (const step of steps) {
      kept.push(step);
      for (let period = 1; period <= 8 && 2 * period <= kept.length; period++) {
        const last = kept.slice(-2 * period);
        if (last.slice(period).every((each, i) => each === last[i])) {
          kept.length -= period;
          break;
        }
      }
    }
    return kept;
  }

  function choices(state) {
    const found = [];
    for (const name of ['a', 'b']) {
      const side = state[name];
      if (side.done) continue;
      if (side.waits !== undefined) {
        if (side.woken) found.push([name, 'ok']);
        else if (isSpinning(side, state.version)) continue;
        else if (name === 'b' && !(side.waits[0] === DOWN && state.words[DOWN] === FULL)) {
          found.push([name, 'timed-out']);
        }
      } else if (side.next?.kind === 'poll') {
        if (side.next.detail > 0) found.push([name, 'task']);
        if (state.inbox.length > 0) found.push([name, 'message']);
      } else if (!isSpinning(side, state.version)) found.push([name, undefined]);
    }
    return found;
  }

  const story = (state) => {
    const steps = [];
    const counts = { a: state.a.log.length, b: state.b.log.length };
    for (let { path } = state; path !== undefined; path = path.before) steps.unshift(path.name);
    const seen = { a: 0, b: 0 };
    return steps
      .map((name) => {
        const step = state[name].log[seen[name]++];
        return step && `${name} ${step.kind}(${step.detail ?? ''}) ${String(step.answer)}`;
      })
      .concat(`a had ${counts.a} steps, b ${counts.b}`)
      .join('\n');
  };

  const side = () => ({
    log: [],
    waits: undefined,
    woken: false,
    next: undefined,
    done: false,
    error: undefined,
    marked: { from: 0, digest: '' },
  });
  const first = {
    words: new Array(16).fill(0),
    cells: [0, 0],
    bytes: Buffer.alloc(2 * KEPT),
    inbox: [],
    ports: { a: [], b: [] },
    version: 0,
    a: side(),
    b: side(),
    path: undefined,
  };
  const key = (state) => {
    const of = ({ log, waits, woken, next, done, marked }) => {
      const since = log
        .slice(marked.from)
        .map(({ kind, detail, answer }) => `${kind}${detail}${String(answer)}`);
      return `${marked.digest};${withoutRepeats(since)};${waits};${woken};${next?.kind}${next?.detail};${done}`;
    };
    const queues = `${state.inbox.length},${state.ports.a.length},${state.ports.b.length}`;
    return `${state.words}|${state.cells}|${queues}|${of(state.a)}|${of(state.b)}`;
  };
  const seen = new Set([key(first)]);
  const open = [first];
  let ends = 0;
  while (open.length > 0) {
    const state = open.pop();
    for (const name of ['a', 'b']) {
      if (state[name].error)
        throw new Error(`${name} failed after\n${story(state)}`, { cause: state[name].error });
    }
    const all = choices(state);
    // Words that nobody changes here: the order of such a look makes no difference.
    const alone = all.find(([name]) => quiet.has(`${state[name].next?.kind}${state[name].next?.detail}`));
    const next = alone ? [alone] : all;
    if (next.length === 0) {
      if (!state.a.done) throw new Error(`a sleeps and nobody wakes it, after\n${story(state)}`);
      ends++;
    }
    for (const [name, answer] of next) {
      const child = advance(state, name, answer);
      const id = key(child);
      if (seen.has(id)) continue;
      seen.add(id);
      if (seen.size > most) throw new Error(`more than ${most} states`);
      open.push(child);
    }
  }
  return { states: seen.size, ends };
}
