// What a pool does for its workers beside giving them tasks: it calls the callers' functions, steps through their sources,
// passes on how far a task is and what it yields, and runs functions of its own thread's.
import { type ANSWERS, Errand, type ToPool } from '../channel/errands.js';
import type { Incoming, Outgoing, Packed } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { sendPacked } from '../channel/parcel.js';
import type { Scope } from '../channel/scope.js';
import { unpack } from '../channel/unpack.js';
import { type Context, within } from '../context/carry.js';
import { CallOverError } from '../errors.js';
import { find } from '../task/load.js';
import type { Hand } from './hand.js';
import { type Places, Stay } from './stay.js';
import { Stage, type Task } from './task.js';

/** What errands need of their pool. */
export interface Office {
  /** How values are sent to workers. */
  readonly outgoing: Outgoing;
  readonly incoming: Incoming;
  taskOf(id: number): Task | undefined;
  giveUp(task: Task, reason: unknown): void;
  /** What tasks lend while they wait for the host. */
  readonly places: Places | undefined;
}

export class Errands {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  heard(hand: Hand, errand: Exclude<ToPool, typeof ANSWERS>): void {
    switch (errand[0]) {
      case Errand.callback: {
        const [, request, id, fn, args] = errand;
        void this.#reply(hand, request, async () => {
          const { scope, waits } = this.#running(id);
          const values = this.#read(args) as unknown[];
          return waits(() => scope.fn(fn)(...values));
        });
        return;
      }
      case Errand.step: {
        const [, request, id, source, method, args] = errand;
        void this.#reply(hand, request, async () => {
          const { scope, waits } = this.#running(id);
          const values = this.#read(args) as unknown[];
          const step = (): unknown => scope.step(source, method, values);
          const { done, value } = (await waits(step)) as IteratorResult<unknown>;
          if (done === true) scope.ended(source);
          return [done === true, await value];
        });
        return;
      }
      case Errand.ask: {
        const [, request, id, call] = errand;
        void this.#asked(hand, request, id, call);
        return;
      }
      case Errand.report:
        this.#give(errand[1], errand[2], (task) => task.options?.onProgress);
        return;
      case Errand.values:
        this.#give(errand[1], errand[2], (task) => task.onValue);
    }
  }

  #read(packed: Packed): unknown {
    return unpack(packed, this.#office.incoming);
  }

  /** What a task's functions and sources are reached by, and how they run: in its caller's context, and it waits for them. */
  #running(id: number): { readonly scope: Scope; readonly waits: (work: () => unknown) => unknown } {
    const task = this.#office.taskOf(id);
    if (task?.scope === undefined || task.origin === undefined) throw new CallOverError();
    const { scope, origin } = task;
    return { scope, waits: (work) => origin.runInAsyncScope(() => this.#waitedBy(task, work)) };
  }

  /** Runs what a task waits for: what is called there is known to be inside it, and it lends its places meanwhile. */
  #waitedBy(task: Task, work: () => unknown): unknown {
    task.stay ??= Stay.begun(this.#office.places);
    return task.stay.while(async () => work());
  }

  /** Passes a value on to whoever waits for such. If that throws, or it cannot be read, the task is given up with it. */
  #give(id: number, packed: Packed, to: (task: Task) => ((value: unknown) => void) | undefined): void {
    const task = this.#office.taskOf(id);
    const listener = task && to(task);
    if (task?.stage !== Stage.line || listener === undefined) return;
    try {
      const value = this.#read(packed);
      if (task.origin === undefined) listener(value);
      else task.origin.runInAsyncScope(listener, undefined, value);
    } catch (error) {
      this.#office.giveUp(task, error);
    }
  }

  /** A worker sleeps for a function of this thread's. */
  async #asked(hand: Hand, request: number, id: number, call: Packed): Promise<void> {
    await this.#reply(hand, request, async () => {
      const task = this.#office.taskOf(id);
      const [target, ...args] = this.#read(call) as unknown[];
      const fn = (await find(target)) as (...args: unknown[]) => unknown;
      const run = (): unknown => fn(...args);
      if (task === undefined) return run();
      const { context } = task;
      return this.#waitedBy(task, () => (context === undefined ? run() : within(context as Context, run)));
    });
    hand.replied();
  }

  async #reply(hand: Hand, request: number, work: () => Promise<unknown>): Promise<void> {
    const { outgoing } = this.#office;
    let ok = true;
    let value: unknown;
    try {
      value = await work();
    } catch (error) {
      ok = false;
      value = error;
    }
    try {
      sendPacked(value, ok ? 'result' : 'thrown', outgoing, (packed, moved) =>
        hand.post([Errand.reply, request, ok, packed], moved),
      );
    } catch (error) {
      hand.post([Errand.reply, request, false, packedOf(pack(error, outgoing))]);
    }
  }
}
