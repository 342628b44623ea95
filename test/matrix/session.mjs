// Drives the cells of one process: sets each up, fires the source, and looks afterwards whether the loop is sound.
import { promises as fs } from 'node:fs';
import { awaited } from './awaited.mjs';
import { attempt, failed } from './cell.mjs';
import { busyShare, immediate, sleep } from './kit.mjs';
import { emit } from './report.mjs';
import { sources } from './sources.mjs';

export class Session {
  constructor(job, isthmus) {
    this.isthmus = isthmus;
    this.source = sources[job.source];
    this.names = job.awaited;
    process.on('uncaughtException', (error) => this.uncaught(error));
    process.on('unhandledRejection', (error) => this.uncaught(error));
  }

  // Two sources are such handlers themselves: their errors carry the callback.
  uncaught(error) {
    if (typeof error?.meant === 'function') error.meant();
    else emit({ uncaught: failed(error).message });
  }

  /** For places that exist once in a life: every cell in this one frame. What is async is made by `run` itself. */
  all = () => {
    const { run } = this.isthmus;
    for (const name of this.names) {
      const thing = awaited[name];
      emit({ start: name });
      let result;
      let held;
      let prepared = false;
      try {
        held = thing.prepare && run(thing.prepare());
        prepared = true;
        thing.before?.(held);
        thing.after?.(held);
        emit({ fired: name });
        result = attempt(this.isthmus, this.source, thing, held, {});
      } catch (error) {
        result = failed(error, { pending: true, ms: 0, cpu: 0 });
      }
      emit({ done: name, ...result });
      if (prepared) thing.close?.(held);
      emit({ sound: name });
    }
    emit({ end: true });
  };

  /** For places that come again: the cells one after another, each from a fresh firing. */
  async each() {
    const shared = await this.source.setup?.();
    for (const name of this.names) await this.one(name, shared);
    await this.source.end?.(shared);
    emit({ start: 'the end' });
    await this.quiet();
    emit({ end: true });
    process.exit(0);
  }

  async one(name, shared) {
    const thing = awaited[name];
    emit({ start: name });
    const held = await thing.prepare?.();
    const place = await this.source.ready?.();
    await sleep(1);
    await new Promise((resolve) => {
      thing.before?.(held);
      this.fire(place, { ...this.isthmus, shared }, (site = {}) => {
        emit({ fired: name });
        emit({ done: name, ...attempt(this.isthmus, this.source, thing, held, site) });
        resolve();
      });
      thing.after?.(held);
    });
    await thing.close?.(held);
    await this.source.done?.(place);
    await immediate();
    await sleep(1);
    await fs.stat('.');
    emit({ sound: name });
  }

  fire(place, tools, callback) {
    let called = false;
    this.source.fire(
      place,
      (site) => {
        if (called) return;
        called = true;
        callback(site);
      },
      tools,
    );
  }

  // A loop that was left spinning still serves timers, but it never rests.
  async quiet() {
    emit({ quiet: await busyShare() });
  }
}
