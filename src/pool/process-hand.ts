// One worker process of a pool: tasks go to it by one pipe and answers come by another; what has to reach it while it works goes by a
// third, its lane.
//
// Guarantees:
// - it is given tasks only when it can begin them, so many ahead as its kind allows, and answers them in order: so the first that
//   is not answered is the one that it may have begun, and no other is;
// - a task that was called back is given to nobody else before the process has said that it will not begin it;
// - when this process ends, in whatever way, the other ends as well: see worker/pool-lane.ts.
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { distance, IN_FLIGHT, nextNumber } from '../channel/claims.js';
import { read, write } from '../channel/codec.js';
import { type ANSWERS, type Answer, Errand, type ToPool, type ToWorker } from '../channel/errands.js';
import { callParts, refusalIn } from '../channel/link.js';
import type { Outgoing, Packed } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { Down, LANE, LAST_WORDS, NONE, Pipe, Up, writeComing } from '../channel/pipes.js';
import { deserialize, serialize } from '../channel/serial.js';
import { unpack } from '../channel/unpack.js';
import { Inlet, Outlet } from '../channel/wire.js';
import { clock } from '../clock.js';
import { processFlags } from '../task/flags.js';
import { startTimer } from '../timer.js';
import { workerDepth } from '../worker/current.js';
import type { Boss, Death, Hand } from './hand.js';
import type { Task } from './task.js';

// Loaded by the first worker.
const require = createRequire(import.meta.url);

const ARGS = callParts(0, 3);

/** ms after which one that is wanted, and does not begin what it is given, is ended. */
const STUCK = 1000;

interface Sent {
  readonly task: number;
  readonly number: number;
  isCalledBack: boolean;
}

export class ProcessHand implements Hand {
  readonly startedAt: number;
  readonly ended: Promise<void>;
  isSpare: boolean;
  isEnding = false;
  idleSince: number;
  tasks = 0;
  busyMs = 0;
  readonly #boss: Boss;
  readonly #child: ChildProcess;
  readonly #measure: (ms: number) => void;
  readonly #tasks: Outlet;
  readonly #lane: Outlet;
  readonly #sent: Sent[] = [];
  readonly #answers: Answer[] = [];
  #last = 0;
  #isReady = false;
  /** It does not come to what it has ahead. */
  #isHeldUp = false;
  /** Until all that was called back is here, or answered, it gets nothing that would begin before that. */
  #calledBack = 0;
  #dying: { readonly error: unknown } | undefined;
  why: string | undefined;
  #isOver = false;
  #stuck: NodeJS.Timeout | undefined;

  /** `measure` is told how long (ms) each task has run. */
  constructor(boss: Boss, index: number, isSpare: boolean, now: number, measure: (ms: number) => void) {
    this.#boss = boss;
    this.#measure = measure;
    this.isSpare = isSpare;
    this.startedAt = now;
    this.idleSince = now;
    const { spawn } = require('node:child_process') as typeof import('node:child_process');
    const file = fileURLToPath(new URL('./pool-process.js', import.meta.url));
    const args = [
      ...processFlags(boss.limits.memory),
      file,
      ...[index, workerDepth() + 1, boss.limits.nice].map(String),
    ];
    this.#child = spawn(process.execPath, args, {
      // What it prints goes where this process's goes, at once.
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.ended = new Promise((resolve) => this.#onEnd(resolve));
    this.#tasks = new Outlet((bytes) => this.#pipe(Pipe.tasks)?.write(bytes));
    this.#lane = new Outlet((bytes) => this.#pipe(Pipe.lane)?.write(bytes));
    this.#hearFrom(Pipe.tasks, () => {});
    this.#hearFrom(Pipe.answers, (...frame) => this.#read(...frame));
    this.#hearFrom(Pipe.lane, (_, body) => this.#recalled(deserialize(body) as number[]));
    for (const [number, target] of boss.definitions) this.post([Errand.define, number, target]);
    this.#child.unref();
  }

  /** There are none where no process could be started. */
  #pipe(at: number): Socket | undefined {
    return (this.#child.stdio as readonly unknown[] | undefined)?.[at] as Socket | undefined;
  }

  #hearFrom(at: number, onFrame: (kind: number, body: Buffer, beside: readonly Buffer[]) => void): void {
    const inlet = new Inlet(onFrame);
    const pipe = this.#pipe(at);
    // Only a pipe that is broken says something; that it is closed is said as well.
    pipe?.on('error', () => {});
    pipe?.on('data', (chunk: Buffer) => {
      try {
        inlet.push(chunk);
      } catch {
        this.#cutOff(`it wrote into a pipe of its pool's (descriptor ${at})`);
      }
      if (this.#answers.length > 0) this.#boss.answered();
    });
    pipe?.once('close', () => {
      if (this.#isOver || this.isEnding) return;
      // It ends, as a rule, and will say by what.
      startTimer(
        () => this.#cutOff(`it closed a pipe of its pool's (descriptor ${at})`),
        LAST_WORDS,
      )?.unref();
    });
    pipe?.unref();
  }

  /** Nobody can talk to it any more. */
  #cutOff(why: string): void {
    if (this.#isOver) return;
    this.why ??= why;
    this.#child.kill('SIGKILL');
  }

  /** Ended when it has exited and all that it has said is read. */
  #onEnd(resolve: () => void): void {
    let end: [Death, why: string] | undefined;
    let isRead = false;
    const tell = (): void => {
      if (this.#isOver || end === undefined) return;
      this.#isOver = true;
      clearTimeout(this.#stuck);
      resolve();
      this.#boss.died(this, ...end, this.#dying);
    };
    this.#child.once('exit', (code, signal) => {
      end = this.#endOf(code, signal);
      // Something else may have inherited its pipes.
      if (isRead) tell();
      else startTimer(tell, LAST_WORDS);
    });
    this.#child.on('error', (error) => {
      if (this.#child.pid !== undefined) return;
      this.#dying = { error };
      end = ['error', `it could not be started: ${error.message}`];
      tell();
    });
    this.#pipe(Pipe.answers)?.once('close', () => {
      isRead = true;
      tell();
    });
  }

  #endOf(code: number | null, signal: NodeJS.Signals | null): [Death, why: string] {
    if (this.#dying !== undefined) return ['error', 'an error that nothing caught'];
    if (this.why !== undefined) return ['given up', `it was ended, for ${this.why}`];
    if (this.isEnding) return ['given up', 'it was ended, for its task had been given up'];
    // As Node's own exit code says it on Windows.
    const isAborted = signal === 'SIGABRT' || (process.platform === 'win32' && code === 134);
    if (isAborted) return ['memory', 'it was aborted (SIGABRT), as when it has run out of memory'];
    if (signal === null) return ['exit', `process.exit(${code})`];
    const hint = signal === 'SIGKILL' ? ', as by the system when memory is short' : '';
    return ['signal', `it was killed by ${signal}${hint}`];
  }

  #read(kind: number, body: Buffer, beside: readonly Buffer[]): void {
    if (this.#isOver) return;
    if (kind === Up.errand) this.#hear(deserialize(body) as Exclude<ToPool, typeof ANSWERS>);
    else if (kind === Up.ready) {
      this.#isReady = true;
      this.#waitNoMore();
      this.#boss.answered();
    } else {
      const answer = (kind === Up.few ? read(body) : this.#unpack(body, beside)) as unknown as Answer;
      const [id, , , ms] = answer;
      this.#drop((sent) => sent.task === id);
      this.#waitNoMore();
      this.#measure(ms);
      this.idleSince = clock();
      this.givenAt = this.idleSince;
      this.#answers.push(answer);
    }
  }

  #unpack(body: Buffer, beside: readonly Buffer[]): unknown {
    const packed = deserialize(body) as Packed;
    try {
      return unpack(packed, this.#boss.incoming, beside);
    } catch (error) {
      const [id, , , ms] = packed.value as Answer;
      return [id, false, error, ms];
    }
  }

  #hear(errand: Exclude<ToPool, typeof ANSWERS>): void {
    if (errand[0] === Errand.dying) this.#dying = { error: unpack(errand[1], this.#boss.incoming) };
    else {
      if (errand[0] === Errand.ask) this.callBack(false);
      this.#boss.heard(this, errand);
    }
  }

  #drop(which: (sent: Sent) => boolean): number | undefined {
    const at = this.#sent.findIndex(which);
    if (at === -1) return undefined;
    const [sent] = this.#sent.splice(at, 1) as [Sent];
    if (sent.isCalledBack) this.#calledBack--;
    return sent.task;
  }

  #recalled(numbers: readonly number[]): void {
    // What it had not begun has gone back already.
    if (this.#isOver) return;
    const tasks: number[] = [];
    for (const number of numbers) {
      const task = this.#drop((sent) => sent.number === number);
      if (task !== undefined) tasks.unshift(task);
    }
    if (tasks.length > 0 && this.#sent.length === 0) this.#wait();
    this.#boss.recalled(tasks);
  }

  get threadId(): number {
    return 0;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get begun(): number {
    return this.#sent[0]?.task ?? 0;
  }

  get isIdle(): boolean {
    return this.#sent.length === 0 && this.hasRoom(0);
  }

  /** When it was given something to begin at once, or has answered. */
  givenAt = 0;

  /** Has it tasks that it was not asked for yet? */
  get callsBack(): boolean {
    return this.#sent.length > this.#calledBack;
  }

  /** Is it busy with something that an earlier task has left behind? */
  get isStuck(): boolean {
    return this.#stuck !== undefined;
  }

  /** How many tasks it has. */
  get load(): number {
    return this.#sent.length;
  }

  has(task: number): boolean {
    return this.#sent.some((sent) => sent.task === task);
  }

  /** Tasks that it has not begun. */
  get ahead(): number[] {
    return this.#sent.slice(1).map((sent) => sent.task);
  }

  /** May it be given one more, if it may have so many ahead? */
  hasRoom(ahead: number): boolean {
    const { length } = this.#sent;
    if (!this.#isReady || this.isSpare || this.isEnding || length > ahead) return false;
    if (this.#isHeldUp || this.#calledBack > 0) return false;
    return length === 0 || distance(this.#last, (this.#sent[0] as Sent).number) < IN_FLIGHT - 1;
  }

  /** Gives it a task. What cannot be cloned throws. */
  give(task: Task, message: readonly unknown[], keeps: (task: Task) => Outgoing): void {
    const number = nextNumber(this.#last);
    const bytes = this.#tasks.open();
    // The number stands after it.
    const length = write(bytes.subarray(0, -4), message);
    if (length !== 0) {
      bytes.writeUInt32LE(number, length);
      this.#tasks.close(Down.few, length + 4);
    } else {
      const beside: Uint8Array[] = [];
      const outgoing = { ...keeps(task), beside };
      let packed: Buffer;
      try {
        packed = serialize(packedOf(pack(message, outgoing)));
      } catch (error) {
        throw refusalIn(message, ARGS, outgoing, error) ?? error;
      }
      this.#tasks.close(Down.coming, writeComing(this.#tasks.open(), [number, task.id, task.mode]));
      this.#tasks.addBytes(Down.packed, packed, beside);
    }
    this.#last = number;
    if (this.#sent.length === 0) this.givenAt = clock();
    this.#sent.push({ task: task.id, number, isCalledBack: false });
  }

  flush(): void {
    this.#tasks.flush();
  }

  /** Asks for what it has ahead; where `first`, also for what it ought to have begun. */
  callBack(first: boolean): void {
    if (this.#sent.length === 0) return;
    this.#isHeldUp = true;
    // The last one first: what comes back was all behind what does not.
    for (const sent of this.#sent.slice(first ? 0 : 1).reverse()) {
      if (sent.isCalledBack) continue;
      sent.isCalledBack = true;
      this.#calledBack++;
      this.#lane.add(LANE, [sent.number, undefined]);
    }
  }

  /**
   * It has not begun what it was given, because of something that an earlier task has left behind. Whoever is so for long, and
   * is wanted, is ended.
   */
  #wait(): void {
    this.#tasks.add(Down.ask, undefined);
    this.#stuck ??= startTimer(() => {
      this.#stuck = undefined;
      if (this.#boss.isShort())
        this.#cutOff('it did not begin a task within a second, busy with what an earlier one had left');
      else this.#wait();
    }, STUCK)?.unref();
  }

  #waitNoMore(): void {
    this.#isHeldUp = false;
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
  }

  receive(): Answer | undefined {
    return this.#answers.shift();
  }

  listen(): void {}

  post(errand: ToWorker): void {
    if (errand[0] === Errand.define) this.#tasks.add(Down.define, errand);
    // The end of an iteration that has not begun is that it does not.
    else if (errand[0] === Errand.want && errand[2] === 0) this.#say(errand, errand[1]);
    else this.#lane.add(LANE, [NONE, errand]);
  }

  abort(task: number, reason: Packed): void {
    this.#say([Errand.abort, task, reason], task);
  }

  #say(errand: ToWorker, task: number): void {
    const sent = this.#sent.find((each) => each.task === task);
    if (sent !== undefined) this.#lane.add(LANE, [sent.number, errand]);
  }

  replied(): void {}

  enlist(): void {
    this.isSpare = false;
    queueMicrotask(() => this.#boss.answered());
  }

  retire(): boolean {
    if (!this.isIdle) return false;
    this.end();
    return true;
  }

  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    // Whoever waits for its end would else not be waited for.
    this.#child.ref();
    const kill = (): void => void this.#child.kill('SIGKILL');
    if (this.#sent.length > 0 || !this.#isReady) {
      kill();
      return;
    }
    this.#pipe(Pipe.tasks)?.destroy();
    const timer = startTimer(kill, LAST_WORDS);
    void this.ended.then(() => clearTimeout(timer));
  }
}
