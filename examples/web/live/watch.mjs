// Puts load on the server and watches it from outside: a sample ten times a second, whatever the server's loop does.
import { EventEmitter } from 'node:events';
import { Asker } from './asker.mjs';
import { Load } from './load.mjs';
import { Measure } from './measure.mjs';
import { Ping } from './ping.mjs';
import { verdict } from './verdict.mjs';
import { jobs } from './ways.mjs';

/** ms from one sample to the next; how many are kept; how long (ms) the sentence looks back. */
const TICK = 100;
const KEPT = 300;
const LATELY = 1500;
/** ms after which the last that the server has said of itself is no news any more. */
const STALE = 4 * TICK;
const CALLS = 8;

/** Where the tasks of a way are done; the naive one has no pool. */
const pools = { thread: 'shared', run: 'shared', auto: 'thread', pool: 'own', process: 'process' };

/** Emits 'sample' with what `now` gives. */
export class Watch extends EventEmitter {
  samples = [];
  #began = performance.now();
  #load;
  #ping;
  #health;
  #timer;
  #asking;
  #said;
  #pings = [];
  #calls = [];
  #results = {};
  #measure;
  #what;
  #isEnding = false;
  #order = 0;
  #asked;
  #changes = Promise.resolve();
  #isClosed = false;

  constructor(address) {
    super();
    // One for each page that is open.
    this.setMaxListeners(0);
    this.#load = new Load(address, (call) => this.#onCall(call));
    this.#health = new Asker(address);
    this.#ping = new Ping(address, (ping) => this.#onPing(ping));
    this.#timer = setInterval(() => this.#sample(), TICK);
  }

  /** Puts so many clients on one way, in place of what is going on; `{ way, job, clients }`. None is fine, too. */
  async begin(what) {
    await this.#change(this.#take(what), what);
  }

  /** Settles when the last answer is there. */
  async end() {
    await this.#change(this.#take());
  }

  /** One way after the other, for so many ms each; settles with whether it came to its end. */
  async tour({ names, job, clients, ms }, onResult = () => {}) {
    const order = this.#take({ job, clients });
    for (const way of names) {
      await this.#change(order, { way, job, clients });
      const until = performance.now() + ms;
      while (performance.now() < until && order === this.#order) await this.#next();
      await this.#change(order);
      if (order !== this.#order) return false;
      onResult(this.#results[way]);
    }
    this.#asked = undefined;
    return true;
  }

  async close() {
    await this.end();
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#ping.close();
    this.#health.close();
    await this.#load.close();
  }

  /** The number of the last order; a sample with it, or with a higher one, knows of that order. */
  get order() {
    return this.#order;
  }

  /** What the page shows: the last sample, what was measured of each way, and the last calls. */
  get now() {
    return { sample: this.samples.at(-1), results: this.#results, calls: this.#calls };
  }

  /** `asked`: what `begin` is given; without a way for a tour; nothing for an end. */
  #take(asked) {
    this.#asked = asked;
    return ++this.#order;
  }

  #isDue(order) {
    return order === this.#order && !this.#isClosed;
  }

  /** One after another. A later order takes the place of this one, also while the last answers are waited for. */
  #change(order, what) {
    this.#changes = this.#changes.then(() => this.#place(order, what));
    return this.#changes;
  }

  async #place(order, what) {
    if (!this.#isDue(order)) return;
    this.#isEnding = this.#what !== undefined;
    await this.#load.stop();
    this.#finish();
    // How long the loop has stood still so far is not of what comes now.
    await this.#asking;
    await this.#askHealth();
    if (!this.#isDue(order)) return;
    this.#isEnding = false;
    this.#what = what;
    if (what === undefined) return;
    this.#measure = new Measure(what, this.#said?.at);
    if (what.clients > 0) this.#load.start(`${what.way}/${jobs[what.job].ask}`, what.clients);
  }

  #finish() {
    if (this.#measure === undefined) return;
    this.#measure.waiting(this.#ping.waited);
    this.#measure.end();
    this.#results[this.#what.way] = this.#measure.result;
    this.#measure = undefined;
  }

  #next() {
    return new Promise((resolve) => this.once('sample', resolve));
  }

  #onCall(call) {
    this.#measure?.call(call);
    this.#calls = [{ way: this.#what.way, ...call }, ...this.#calls].slice(0, CALLS);
  }

  #onPing(ping) {
    this.#measure?.ping(ping);
    this.#pings.push({ ...ping, at: performance.now() });
  }

  /** What the server says of itself; one question at a time, for a loop that is blocked cannot answer. */
  #askHealth() {
    this.#asking ??= this.#hearHealth().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #hearHealth() {
    const from = this.#said?.at ?? performance.now();
    const answer = await this.#health.ask('health').catch(() => undefined);
    if (answer?.status !== 200) return;
    this.#said = { at: performance.now(), ...JSON.parse(answer.text) };
    this.#measure?.loop(this.#said.loop.longestMs, from);
  }

  #sample() {
    this.#askHealth();
    const now = performance.now();
    const { waited } = this.#ping;
    this.#measure?.waiting(waited);
    this.#pings = this.#pings.filter(({ at }) => now - at < LATELY);
    const load = this.#what && { ...this.#what, isEnding: this.#isEnding };
    if (this.#measure !== undefined) this.#results[this.#what.way] = this.#measure.result;
    const isNews = this.#said !== undefined && now - this.#said.at < STALE;
    const since = this.samples.at(-1)?.at ?? 0;
    const fresh = this.#pings.filter(({ at }) => at - this.#began > since).map(({ ms }) => ms);
    this.samples.push({
      at: now - this.#began,
      ...verdict({ lately: this.#pings.map(({ ms }) => ms), waited, load }),
      load,
      order: this.#order,
      asked: this.#asked,
      isTouring: this.#asked !== undefined && this.#asked.way === undefined,
      ping: Math.max(waited, ...fresh),
      loop: isNews ? this.#said.loop.longestMs : undefined,
      pool: isNews ? this.#poolNow() : undefined,
    });
    if (this.samples.length > KEPT) this.samples.shift();
    this.emit('sample', this.now);
  }

  /** Of the way that there is load on: how many workers, how many of them work, and how many tasks wait. */
  #poolNow() {
    const pool = this.#said.pools[pools[this.#what?.way]];
    return pool && { size: pool.size, running: pool.running, queued: pool.queued };
  }
}
