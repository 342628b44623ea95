// The native pump's edge: finds the addon for this runtime, and says why where there is none.
//
// Guarantee: a runtime on which libuv must not be touched never loads the addon, and importing this file never throws.
import { createHook } from 'node:async_hooks';
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';

/** The kinds of frame that a wait can stand on, as bits of what `enter` and `look` answer. */
export type Kinds = Readonly<
  Record<
    | 'loop'
    | 'timer'
    | 'immediate'
    | 'pool'
    | 'turn'
    | 'stream'
    | 'port'
    | 'close'
    | 'udp'
    | 'task'
    | 'connection'
    | 'batch'
    | 'parser'
    | 'tls'
    | 'http2',
    number
  >
>;

/** native/pump.cc, function by function. */
export interface Pump {
  readonly kinds: Kinds;
  /** Whether the caller's AsyncLocalStorage frame is put back natively. */
  readonly frames: boolean;
  keepTurn(callback: () => void): void;
  /** Called when a termination has cut off a timer's callback, in its async context. */
  keepCut(callback: () => void): void;
  /** Called before and after a second async hook is enabled, to learn where Node counts them. */
  findHooks(enabled: boolean): boolean;
  /** Why microtasks cannot be drained from within one, or undefined. */
  proof(): string | undefined;
  /** 0 pending, 1 fulfilled, 2 rejected. */
  state(promise: Promise<unknown>): number;
  /**
   * The value of a promise that is fulfilled, or that a drain fulfils. Else, drained, the promise itself; or `again` where
   * that is rejected, there is no room to drain, or `findTicks` is still to be called.
   */
  settle(promise: object, again: object): unknown;
  /** Called with 0 after a drain, 1 after process.nextTick(), 2 after another drain; with -1, tells whether that was done. */
  findTicks(moment: number): boolean;
  keep(tick: () => void): void;
  /** Drains ticks and microtasks: a `Room`. */
  drain(): number;
  /**
   * A call is about to turn the loop, and takes a first turn of `ms` at most if that is not negative: bits of `Turned`.
   * Or the negated kinds of frame below, and no turn: refused ones, or `batch` and `timer`. `end` is given the same token,
   * unless that turn has settled the promise (`Turned.ended`).
   */
  wait(ms: number, token: number, promise: object): number;
  end(token: number): void;
  /** The kinds of frame below, or a negative `Room`. */
  look(): number;
  /** One turn of the loop, `ms` long at most if not negative: bits of `Turned`. */
  turn(ms: number, linger: boolean): number;
  depth(): number;
  /** Is the wait of that token still on the stack? */
  lives(token: number): boolean;
  /** Bit 0: a batch of immediates runs below. Bit 1: immediates keep the loop from blocking. Bit 2: JavaScript runs them. */
  immediates(): number;
  nativeImmediates(): void;
  watchBatches(callback: () => void): void;
  /** Notes how deep it was called; false when the thread's stack ends soon. */
  mark(): boolean;
  measured(): void;
  /** Bytes of stack that further levels may use; negative when used up, NaN when it was not measured yet. */
  room(): number;
  quiet(): { otherThreads: number; nextTimer: number; onlyListening: boolean };
  clean(on: boolean): void;
}

/** Of the functions above; raised with each change of them. */
const VERSION = 1;
/** Which file serves this thread, for other copies of the package on it: two files would take each other's detours. */
const key = Symbol.for('isthmus.pump');
interface Served {
  readonly version: number;
  readonly file: string;
}

export const Room = { enough: 0, tooDeep: 1, unmeasured: 2, unproved: 3 } as const;
export const Turned = { alive: 1, rang: 2, immediates: 4, held: 8, ended: 16 } as const;

// The whole package is one file below dist/: loading fifteen of them takes 10 ms.
const root = new URL('../', import.meta.url);

function prebuilt(): URL {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const musl =
    process.platform === 'linux' && report?.header?.glibcVersionRuntime === undefined ? '-musl' : '';
  return new URL(`prebuilds/${process.platform}-${process.arch}${musl}/pump.node`, root);
}

function find(): { file: string } | { why: string } {
  const built = new URL('native/build/pump.node', root);
  if (fs.existsSync(built)) return { file: fileURLToPath(built) };
  // The report that tells glibc from musl takes milliseconds: only where a prebuilt file can be there at all.
  if (fs.existsSync(new URL('prebuilds/', root))) {
    const file = prebuilt();
    if (fs.existsSync(file)) return { file: fileURLToPath(file) };
  }
  try {
    const { why } = JSON.parse(fs.readFileSync(new URL('native/build/why.json', root), 'utf8')) as {
      why: string;
    };
    return { why: `the native pump was not built when the package was installed: ${why}` };
  } catch {
    return {
      why: `there is no native pump for ${process.platform}-${process.arch} in this installation, nor was one built; install with scripts allowed and a C++ compiler on the PATH`,
    };
  }
}

function load(): Pump | string {
  // By runtime first: elsewhere a call into libuv aborts the process.
  if ('Bun' in globalThis) return 'Bun does not let its event loop be re-entered';
  if ('Deno' in globalThis) return 'Deno does not let its event loop be re-entered';
  if (process.env['ISTHMUS_PUMP'] === 'off') return 'the environment variable ISTHMUS_PUMP is "off"';
  const tick: unknown = Reflect.get(process, '_tickCallback');
  if (typeof tick !== 'function') return 'this runtime does not let ticks be drained';
  const served = Reflect.get(globalThis, key) as Served | undefined;
  if (served !== undefined && served.version !== VERSION) {
    return `another version of isthmus serves this thread already, with ${served.file}`;
  }
  const found = served ?? find();
  if ('why' in found) return found.why;
  const { file } = found;
  // Not by require, which would hand two copies of this file on one thread (a test runner that loads modules anew) the
  // same object, and so the callbacks of one to the other.
  const holder = { exports: {} };
  try {
    process.dlopen(holder, file);
  } catch (error) {
    return `the native pump could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
  }
  const addon = holder.exports as Pump & { why?: string };
  if (addon.why !== undefined) return addon.why;
  if (!addon.frames && Number(process.versions.node.split('.')[0]) >= 24) {
    return 'AsyncLocalStorage could not be kept on this runtime';
  }
  addon.keep(tick as () => void);
  const tag = {};
  const fulfilled = Promise.resolve(tag);
  const rejected = Promise.reject(tag);
  rejected.catch(() => {});
  const states = [new Promise(() => {}), fulfilled, rejected].map((promise) => addon.state(promise));
  if (states.join() !== '0,1,2' || addon.settle(fulfilled, {}) !== tag) {
    return 'the state of a promise cannot be read on this runtime';
  }
  // While no async hook is enabled, nested callbacks need no async context of their own, which halves a turn's cost.
  const first = createHook({ init() {} }).enable();
  addon.findHooks(false);
  const second = createHook({ before() {} }).enable();
  addon.findHooks(true);
  second.disable();
  first.disable();
  Reflect.set(globalThis, key, { version: VERSION, file } satisfies Served);
  return addon;
}

const loaded = load();

/** The pump, or undefined where it is unavailable; then `unavailable` says why. */
export const pump: Pump | undefined = typeof loaded === 'string' ? undefined : loaded;
export const unavailable: string = typeof loaded === 'string' ? loaded : '';
