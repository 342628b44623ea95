// What of tasks' arguments stays with their caller: functions, signals, sources, and faces of what lives on the pool's one worker.
import { setImmediate } from 'node:timers';
import { Errand } from '../channel/errands.js';
import type { Outgoing } from '../channel/marks.js';
import { pack, packedOf } from '../channel/pack.js';
import { isSignal, isSource, Scope } from '../channel/scope.js';
import { addressOfClass } from '../task/address.js';
import type { Hand } from './hand.js';
import type { Residents } from './residents.js';
import { Watch } from './signals.js';
import { originOf, Stage, type Task } from './task.js';

export class Belongings {
  readonly #residents: Residents | undefined;
  /** How values that hold nothing of this side are sent. */
  readonly #plain: Outgoing;
  readonly #holderOf: (task: Task) => Hand | undefined;

  constructor(residents: Residents | undefined, plain: Outgoing, holderOf: (task: Task) => Hand | undefined) {
    this.#residents = residents;
    this.#plain = plain;
    this.#holderOf = holderOf;
  }

  /** How a task's arguments are sent. */
  readonly of = (task: Task): Outgoing => {
    const residents = this.#residents;
    const isHandle = (value: object): boolean => residents?.isFace(value) === true;
    const wants = (value: object): boolean =>
      typeof value === 'function' || isHandle(value) || isSignal(value) || isSource(value);
    return {
      isHandle,
      wants,
      keep: (value) => {
        if (!wants(value)) return undefined;
        const there = residents?.keep(value, task);
        if (there !== undefined) return there;
        if (task.scope === undefined) {
          task.scope = new Scope(task.id);
          task.origin ??= originOf();
          task.signals = [];
        }
        if (typeof value === 'function') return task.scope.function(value as never, false);
        if (!isSignal(value)) return task.scope.source(value as AsyncIterable<unknown>);
        if (!value.aborted) {
          task.signals.push(new Watch(value, task, this.#tellSignals));
        }
        return task.scope.signal(value);
      },
      classOf: addressOfClass,
      byWire: this.#plain.byWire === true,
    };
  };

  readonly #tellSignals = (task: Task): void => {
    if (task.stage !== Stage.line && task.stage !== Stage.left) return;
    const hand = this.#holderOf(task);
    if (hand === undefined) {
      // A worker takes it just now.
      setImmediate(() => this.#tellSignals(task));
      return;
    }
    const aborted = task.scope?.aborted();
    if (aborted === undefined) return;
    try {
      hand.post([Errand.signals, packedOf(pack(aborted, this.#plain))]);
    } catch {
      // Reasons that cannot be cloned are told by their texts.
      const [scope, ...signals] = aborted;
      const told = [scope, ...signals.map(([id, reason]) => [id, new Error(String(reason))])];
      hand.post([Errand.signals, packedOf(pack(told, undefined))]);
    }
  };

  /** The task is over. */
  release(task: Task): void {
    task.scope?.close();
    for (const watch of task.signals) watch.leave();
  }
}
