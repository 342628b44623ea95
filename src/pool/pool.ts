// A pool of workers, threads or processes: tasks wait in its queue, and leave it when there is somebody to run them.
//
// Guarantees:
// - first in, first out, unless a priority says otherwise;
// - each task settles once, and is never run twice: what a worker had begun when it died is rejected, what it had only
//   taken goes back to the front;
// - no more tasks are at work than the pool has places; those that wait for tasks of the same pool, in a function of this thread's,
//   lend theirs, so that such tasks can always begin, and before all others; if that takes too many workers, they are refused;
// - a task that was given up occupies its worker until the work has ended, or the worker was ended for it;
// - the process stays alive while a task is pending, and no longer.
import { setImmediate } from 'node:timers';
import { Errand, LIMITED, Mode } from '../channel/errands.js';
import { isObject } from '../channel/faceable.js';
import type { Incoming, Outgoing } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { joinStacks, restack } from '../channel/stacks.js';
import { clock } from '../clock.js';
import { bringBack } from '../context/bring-back.js';
import { type Context, collect } from '../context/carry.js';
import {
  DeadlockError,
  IsthmusError,
  NeverSettlesError,
  PoolClosedError,
  QueueFullError,
  TimeoutError,
  TooDeepError,
} from '../errors.js';
import { addressOfClass } from '../task/address.js';
import { classAt } from '../task/loaded.js';
import { startTimer } from '../timer.js';
import { workerDepth } from '../worker/current.js';
import { Anchor } from './anchor.js';
import { Belongings } from './belongings.js';
import { Crew } from './crew.js';
import { Errands } from './errands.js';
import { Frames } from './frames.js';
import type { Hand } from './hand.js';
import type { Kind } from './kind.js';
import { Loans } from './loans.js';
import { Processes } from './processes.js';
import { defaultSize } from './processors.js';
import { Queue } from './queue.js';
import type { Residents } from './residents.js';
import { Roster } from './roster.js';
import { type GiveUp, Watch } from './signals.js';
import type { PoolStats } from './stats.js';
import { type Places, Stay } from './stay.js';
import { Tally } from './tally.js';
import { type Caller, originOf, Stage, type Task, type TaskOptions } from './task.js';
import { Threads } from './threads.js';

/** How a pool is made. */
export interface PoolOptions {
  /** What the workers are. Default: 'thread'. */
  readonly kind?: 'thread' | 'process' | undefined;
  /** The most workers at once. Default: as many as the process may use processors (its control group's quota counts), and 2 at least. */
  readonly size?: number | undefined;
  /** Workers that are kept when there is nothing to do. Default: 0. */
  readonly minimum?: number | undefined;
  /** ms after which a worker with nothing to do is ended. Default: 30,000. */
  readonly idleTimeout?: number | undefined;
  /** The most tasks that may wait; one more is rejected with a QueueFullError. Default: any number. */
  readonly queue?: number | undefined;
  /** MB that the JavaScript of each worker may use, before it dies of it. Default: what the runtime allows. */
  readonly memory?: number | undefined;
  /**
   * How far the workers step back where processors are short, for this process's event loop and the rest of the machine: added to the
   * nice value that setpriority(2) knows, 0 to 19. For threads on Linux only; elsewhere they have the priority of their process. Default: 0.
   */
  readonly nice?: number | undefined;
}

/** ms that a told task may go on, before its worker is ended. */
const GRACE = 1000;
/** So many ms before that a successor is started: most work that is told ends soon, and needs none. */
const SPARE = 200;
const NONE: never[] = [];
/** How many threads may wait for each other, each in a pool of the one above. */
const MOST_NESTED = 16;
/** Workers that may die one after another before they have begun anything. */
const STILLBORN = 3;

export class Pool {
  readonly #most: number;
  readonly #residents: Residents | undefined;
  readonly #kind: Kind;
  readonly #crew: Crew;
  readonly #belongings: Belongings;
  readonly #errands: Errands;
  /** Where no other worker can take a place, none is lent. */
  readonly #places: Places | undefined;
  readonly #incoming: Incoming = { make: (reference) => this.#residents?.make(reference), classAt };
  readonly #loans = new Loans({
    lent: (isFirst) => {
      // Those that the task waits for are to be the next.
      if (isFirst) this.#takeBack();
      else this.#kind.recall();
      // Whoever has come is just being put into the queue.
      queueMicrotask(() => this.#dispatch());
    },
    shrink: (extra) => this.#crew.shrink(extra),
    over: () => this.#dispatch(),
  });
  readonly #queue = new Queue();
  readonly #tasks = new Roster();
  readonly #giveUp: GiveUp = (task, reason) => this.giveUp(task, reason);
  readonly #frames = new Frames();
  readonly #tally = new Tally();
  readonly #anchor = new Anchor();
  #stillborn = 0;
  #inLine = 0;
  #left = 0;
  #closed = false;
  #drained: (() => void)[] = [];

  /** `residents` live on the one worker that it then has. */
  constructor(
    { kind, size, minimum, idleTimeout, queue, memory, nice = 0 }: PoolOptions = {},
    residents?: Residents,
  ) {
    this.#residents = residents;
    this.#kind = kind === 'process' ? new Processes() : new Threads();
    const byWire = kind === 'process';
    const plain: Outgoing = { wants: () => false, keep: () => undefined, classOf: addressOfClass, byWire };
    this.#belongings = new Belongings(residents, plain, (task) => this.#kind.holderOf(task));
    this.#places = residents === undefined ? this.#loans : undefined;
    this.#errands = new Errands({
      incoming: this.#incoming,
      outgoing: plain,
      taskOf: (id) => this.#tasks.get(id),
      giveUp: this.#giveUp,
      places: this.#places,
    });
    const most = size ?? defaultSize();
    this.#crew = new Crew(
      { size: most, minimum: Math.min(minimum ?? 0, most), idleTimeout, limits: { memory, nice } },
      this.#kind,
      {
        incoming: this.#incoming,
        answered: () => this.#answered(),
        heard: (hand, errand) => this.#errands.heard(hand, errand),
        recalled: (tasks) => this.#recalled(tasks),
        isShort: () => this.#queue.size > 0,
        isWaitedFor: () => this.#inLine > 0,
        died: (hand, why, cause) => this.#died(hand, why, cause),
      },
    );
    this.#most = queue ?? Number.POSITIVE_INFINITY;
  }

  /** The number of a function here; see `keyOf` for what stands for it. */
  define(key: object): number {
    return this.#crew.define(key);
  }

  /** Runs a function; a promise of what it gives. */
  run(
    fn: number,
    what: string,
    args: readonly unknown[],
    options: TaskOptions | undefined,
    mode: number = Mode.call,
    onValue?: Task['onValue'],
    whose?: Caller,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new PoolClosedError(what);
      if (workerDepth() >= MOST_NESTED) throw new TooDeepError(workerDepth(), 'toThread');
      const signal = options?.signal;
      signal?.throwIfAborted();
      const stay = Stay.of(options?.limiter, this.#places);
      const places = this.#crew.size + this.#loans.extra + (stay?.opens ?? 0);
      if (this.#tasks.size >= places + this.#most) throw new QueueFullError(what, this.#most);
      const task: Task = {
        id: this.#tasks.nextId(),
        fn,
        mode: options?.signal !== undefined || options?.timeout !== undefined ? mode | LIMITED : mode,
        what,
        args,
        context: collect(whose?.stores),
        transfer: whose?.transfer ?? options?.transfer,
        options,
        priority: options?.priority ?? 0,
        queuedAt: clock(),
        resolve,
        reject,
        onValue,
        caller: undefined,
        stage: Stage.held,
        stay,
        isNested: stay?.isNested === true,
        slot: -1,
        scope: undefined,
        signals: NONE,
        origin: undefined,
        isAwaited: (mode & Mode.each) === 0,
        isUnwanted: false,
        isCutOff: false,
        goneAt: 0,
        release: undefined,
      };
      if (options !== undefined) this.#watch(task, options);
      // What is called back here runs in the caller's own context.
      if (options?.onProgress !== undefined) task.origin = originOf();
      if (task.isAwaited) this.#anchor.hold();
      this.#tasks.add(task);
      whose?.began(this, task);
      if (stay === undefined) this.#enter(task);
      else if (!stay.enter(() => this.#enter(task))) this.#settle(task, false, deadlock(task));
      // What it is given is not looked through before it goes, and then this context may be over.
      if (task.stage <= Stage.queued && (task.context !== undefined || args.some(isObject)))
        task.origin ??= originOf();
      // Not before the worker has it, for it takes as long.
      task.caller = options?.frames ?? this.#frames.of(task.queuedAt);
    });
  }

  #enter(task: Task): void {
    task.stage = Stage.queued;
    const wasRanked = this.#queue.isRanked;
    this.#queue.push(task);
    if (this.#queue.isRanked && !wasRanked) this.#takeBack();
    this.#dispatch();
  }

  /**
   * From the first priority on, and while places are lent, tasks wait in the queue: also those that have left it and have not
   * begun.
   */
  #takeBack(): void {
    const back: Task[] = [];
    for (const task of this.#tasks.oldest(this.#inLine, Stage.line)) {
      if (this.#kind.takeBack(task)) back.push(task);
    }
    this.#requeue(back);
    this.#kind.recall();
  }

  /** What had left the queue goes back to the front of the queue, in this order. */
  #requeue(tasks: readonly Task[]): void {
    for (const task of tasks) task.stage = Stage.queued;
    this.#inLine -= tasks.length;
    this.#queue.unshift(tasks);
  }

  #watch(task: Task, { signal, timeout }: TaskOptions): void {
    if (signal === undefined && timeout === undefined) return;
    const watch = signal && new Watch(signal, task, this.#giveUp);
    const timer =
      timeout === undefined
        ? undefined
        : startTimer(() => this.giveUp(task, new TimeoutError(task.what, timeout)), timeout)?.unref();
    task.release = () => {
      watch?.leave();
      clearTimeout(timer);
    };
  }

  // The way to the workers ------------------------------------------------------------------------------------------

  #dispatch(): void {
    this.#kind.begin();
    for (let task = this.#queue.peek(); task !== undefined; task = this.#queue.peek()) {
      // With priorities only what can begin at once leaves the queue, so that a higher one that comes is the next.
      if (this.#queue.isRanked && !this.#kind.canBegin()) break;
      // More workers than the size says must not have more tasks than it says, beside those that lend their places.
      if (this.#loans.areKept && !this.#kind.soon(() => this.#hasPlace)) break;
      if (!this.#put(task)) break;
    }
    this.#kind.flush();
    this.#crew.grow(this.#queue.size + this.#inLine + this.#left + this.#kind.stuck, this.#loans.extra);
    if (this.#loans.areSpent(this.#crew.size)) queueMicrotask(() => this.#refuse());
  }

  // Places that are lent --------------------------------------------------------------------------------------------

  get #hasPlace(): boolean {
    return this.#inLine + this.#left - this.#loans.extra < this.#crew.size;
  }

  /** All workers that there may be wait for tasks that need one more: the last of these do not get it. */
  #refuse(): void {
    for (const task of this.#tasks.all().reverse()) {
      if (!this.#loans.areSpent(this.#crew.size)) return;
      if (task.stay?.isInner === true && this.#stop(task))
        this.#settle(task, false, new TooDeepError(this.#loans.count, 'pool'));
    }
  }

  /** Gives a task away, if there is room for it. */
  #put(task: Task): boolean {
    const message = [task.id, task.fn, task.mode, task.context, ...task.args];
    try {
      if (!this.#kind.put(task, message, this.#belongings.of)) return false;
    } catch (error) {
      this.#settle(task, false, error);
      return true;
    }
    this.#gone(task);
    return true;
  }

  #gone(task: Task): void {
    this.#queue.shift(task);
    if (task.options?.trace !== undefined) task.goneAt = clock();
    task.stage = Stage.line;
    this.#inLine++;
  }

  // The way back ----------------------------------------------------------------------------------------------------

  #answered(): void {
    this.#kind.hear();
    for (const hand of this.#kind.hands) this.#read(hand);
    this.#dispatch();
  }

  #read(hand: Hand): void {
    for (let answer = hand.receive(); answer !== undefined; answer = hand.receive()) {
      const [id, ok, value, ms, back] = answer;
      const now = clock();
      hand.tasks++;
      hand.busyMs += ms;
      hand.idleSince = now;
      this.#stillborn = 0;
      const task = this.#tasks.get(id);
      if (task === undefined) continue;
      if (back !== undefined) bringBack(task.context as Context, back as Context);
      if (task.onValue !== undefined || task.options?.onProgress !== undefined) hand.listen();
      const wait = Math.max(0, now - task.queuedAt - ms);
      this.#tally.took(wait, ms);
      const trace = task.options?.trace;
      if (trace !== undefined) Object.assign(trace, { waitMs: wait, runMs: ms, ...whoIs(hand) });
      const outcome = !ok && value instanceof NeverSettlesError ? new NeverSettlesError(task.what) : value;
      if (!ok && task.caller !== undefined)
        joinStacks(outcome, task.what, `pool ${this.#kind.name}`, task.caller);
      this.#settle(task, ok, outcome);
    }
  }

  #settle(task: Task, ok: boolean, value: unknown): void {
    const { stage } = task;
    const wasLeft = stage === Stage.left;
    if (stage === Stage.queued) this.#queue.drop();
    if (stage === Stage.line) this.#inLine--;
    if (wasLeft) this.#left--;
    else this.#tally.settled(ok);
    task.stage = Stage.over;
    task.release?.();
    this.#belongings.release(task);
    this.#tasks.remove(task);
    if (!wasLeft) {
      if (ok) task.resolve(value);
      else this.#reject(task, value);
    } else if (this.#left === 0) this.#crew.dismissSpare();
    task.stay?.end();
    this.awaits(task, false);
    if (this.#tasks.size === 0) this.#rest();
  }

  /** The house's own errors are made far from the caller. */
  #reject(task: Task, error: unknown): void {
    if (task.caller !== undefined && error instanceof IsthmusError) restack(error, task.caller);
    task.reject(error);
  }

  /** Keeps it from beginning; whether that was still possible. */
  #stop(task: Task): boolean {
    if (task.stage <= Stage.queued) return true;
    return task.stage === Stage.line && this.#kind.takeBack(task);
  }

  /** Does anybody wait for this task? The process stays alive as long as somebody waits for one. */
  awaits(task: Task, on: boolean): void {
    if (task.isAwaited === on || (on && task.stage === Stage.over)) return;
    task.isAwaited = on;
    if (on) this.#anchor.hold();
    else this.#anchor.release();
  }

  #rest(): void {
    this.#crew.rest();
    const drained = this.#drained;
    this.#drained = [];
    for (const done of drained) done();
  }

  /** The caller waits no longer: it is told, and so is the work, which has a while to end. */
  giveUp(task: Task, reason: unknown): void {
    if (this.#stop(task)) {
      const wasOnBoard = task.stage === Stage.line;
      this.#settle(task, false, reason);
      if (wasOnBoard) this.#dispatch();
      return;
    }
    if (task.stage !== Stage.line) return;
    task.isCutOff = true;
    this.#traceUnanswered(task, this.#kind.holderOf(task));
    task.release?.();
    task.release = undefined;
    this.#inLine--;
    this.#left++;
    this.#tally.settled(false);
    task.stage = Stage.left;
    this.#reject(task, reason);
    this.#tellAbort(task, reason);
  }

  /** What is known of a task that ends without an answer: since when it has run at the earliest, and where. */
  #traceUnanswered(task: Task, hand: Hand | undefined): void {
    const trace = task.options?.trace;
    if (trace === undefined || task.stage !== Stage.line || hand?.begun !== task.id) return;
    const began = Math.max(task.goneAt, hand.idleSince);
    Object.assign(trace, { waitMs: began - task.queuedAt, runMs: clock() - began, ...whoIs(hand) });
  }

  #tellAbort(task: Task, reason: unknown): void {
    if (task.stage !== Stage.left) return;
    const hand = this.#kind.holderOf(task);
    if (hand === undefined) {
      // A worker takes it just now.
      setImmediate(() => this.#tellAbort(task, reason));
      return;
    }
    const tell = (why: unknown): void => hand.abort(task.id, packedOf(pack(why, undefined)));
    try {
      tell(reason);
    } catch {
      // One that cannot be cloned is told by its text.
      tell(new Error(String(reason)));
    }
    const grace = task.options?.grace ?? GRACE;
    if (grace === false) return;
    const after = (ms: number, work: () => void): void => {
      const timer = startTimer(() => {
        if (hand.begun === task.id) work();
      }, ms);
      task.release = () => clearTimeout(timer);
    };
    const early = Math.min(grace, SPARE);
    const prepare = (): void => {
      // Its successor gets ready meanwhile, but the limit holds: it waits for this one's end.
      if (this.#residents === undefined) this.#crew.prepareSpare();
      after(early, () => hand.end());
    };
    if (early === grace) prepare();
    else after(grace - early, prepare);
  }

  #died(hand: Hand, why: string, cause: { readonly error: unknown } | undefined): boolean {
    // What it has said before its end counts.
    this.#read(hand);
    const { begun } = hand;
    const task = this.#tasks.get(begun);
    const error = (what: string): IsthmusError =>
      this.#kind.diedError(what, why, cause && { cause: cause.error });
    if (task !== undefined) {
      this.#traceUnanswered(task, hand);
      this.#settle(task, false, error(task.what));
    } else if (cause !== undefined && hand.tasks > 0 && !this.#closed) {
      // Nobody else would hear of it. Why one has not even begun, the tasks that wait for it are told.
      process.emitWarning(
        `A ${this.#kind.name} of a pool ended by an error that nothing caught, after its task was over: ${textOf(cause.error)}`,
        'IsthmusWarning',
      );
    }
    const back: Task[] = [];
    for (const id of this.#kind.leftBy(hand)) {
      const taken = id === begun ? undefined : this.#tasks.get(id);
      if (taken === undefined) continue;
      // Nobody waits for it, or what was moved with it is lost.
      const isLost = taken.stage === Stage.left || taken.transfer !== undefined;
      if (isLost) this.#settle(taken, false, error(taken.what));
      else back.push(taken);
    }
    this.#requeue(back);
    if (this.#residents !== undefined) {
      // They are gone, so nobody takes its place.
      this.#residents.died(cause);
      this.#giveAllUp(error);
      void this.destroy();
    } else if (hand.tasks === 0 && begun === 0 && !hand.isEnding && ++this.#stillborn >= STILLBORN) {
      const all = `no ${this.#kind.name} could begin, ${STILLBORN} in a row; the last one: ${why}`;
      this.#giveAllUp((what) => this.#kind.diedError(what, all, cause && { cause: cause.error }));
    }
    // Also while it closes: what waits is waited for.
    this.#dispatch();
    return task !== undefined;
  }

  /** Tasks that have left the queue come back. */
  #recalled(ids: readonly number[]): void {
    const back: Task[] = [];
    for (const id of ids) {
      const task = this.#tasks.get(id);
      if (task === undefined) continue;
      if (task.stage === Stage.left) this.#settle(task, false, undefined);
      else if (task.isUnwanted) this.#settle(task, true, undefined);
      else back.push(task);
    }
    this.#requeue(back);
    this.#dispatch();
  }

  /** Workers die before they begin anything: whoever waits for one would wait for ever. */
  #giveAllUp(error: (what: string) => Error): void {
    this.#stillborn = 0;
    for (const task of this.#tasks.all()) {
      if (task.stage !== Stage.held && this.#stop(task)) this.#settle(task, false, error(task.what));
    }
  }

  // Iterated tasks --------------------------------------------------------------------------------------------------

  /** The caller of an iterated task wants so many more values. */
  want(task: Task, more: number): void {
    if (task.stage === Stage.line) this.#kind.holderOf(task)?.post([Errand.want, task.id, more]);
  }

  /** The caller of an iterated task wants no more of it: its source is left, or it is not begun. */
  leave(task: Task): void {
    if (this.#stop(task)) {
      const wasOnBoard = task.stage === Stage.line;
      this.#settle(task, true, undefined);
      if (wasOnBoard) this.#dispatch();
      return;
    }
    task.isUnwanted = true;
    const hand = this.#kind.holderOf(task);
    if (hand !== undefined) hand.post([Errand.want, task.id, 0]);
    // A worker takes it just now.
    else if (task.stage === Stage.line) setImmediate(() => this.leave(task));
  }

  // Life ------------------------------------------------------------------------------------------------------------

  /** Starts workers now, as many as the pool may have, or so many. */
  warm(count = this.#crew.size): void {
    this.#crew.grow(count);
  }

  stats(): PoolStats {
    const now = clock();
    const begun = new Set(this.#kind.hands.map((hand) => hand.begun));
    let running = 0;
    let oldest: Task | undefined;
    for (const task of this.#tasks.all()) {
      if (begun.has(task.id)) running++;
      else oldest ??= task;
    }
    return {
      size: this.#crew.size,
      ...this.#crew.stats(now),
      queued: this.#tasks.size - running,
      oldestMs: oldest === undefined ? 0 : now - oldest.queuedAt,
      running,
      abandoned: this.#left,
      ...this.#tally.stats(),
    };
  }

  /** Ends the workers at once, whatever they do: what they had begun is rejected as by their death. */
  kill(): void {
    for (const hand of this.#crew) hand.end();
  }

  /** Takes no more tasks, waits for those that there are, for so long (ms) at most, and ends the workers. */
  async close({ timeout }: { readonly timeout?: number | undefined } = {}): Promise<void> {
    this.#closed = true;
    if (this.#tasks.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = timeout === undefined ? undefined : startTimer(resolve, timeout);
        this.#drained.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    await this.destroy();
  }

  /** Rejects every task that is not settled, and ends the workers. */
  async destroy(reason?: unknown): Promise<void> {
    this.#closed = true;
    // First those that have not begun, for the end of another one could let them begin.
    const all = this.#tasks.all();
    const isWaiting = ({ stage }: Task): boolean => stage <= Stage.queued;
    for (const task of [...all.filter(isWaiting), ...all.filter((task) => !isWaiting(task))]) {
      task.isCutOff = true;
      this.#traceUnanswered(task, this.#kind.holderOf(task));
      this.#settle(task, false, reason ?? new PoolClosedError(task.what));
    }
    this.#anchor.end();
    this.#loans.end();
    await this.#crew.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Its limiter can never let it in. */
function deadlock({ what, options }: Task): DeadlockError {
  const name = options?.limiter?.name ?? '';
  return new DeadlockError(
    `${what} would wait for ever: every place of its limiter${name && ` ${JSON.stringify(name)}`} is taken by tasks that ` +
      'wait, for functions of their callers, and so for this call. Where limiters are taken inside one another, take them ' +
      'in the same order everywhere, or give the inner calls one of their own.',
  );
}

/** For traces. */
function whoIs({ threadId, pid }: Hand): object {
  return pid === undefined ? { threadId } : { pid };
}

/** What a stray error says. */
function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
