// What a benchmark leaves behind: files in bench/results, with the machine that they were measured on.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

const folder = new URL('../results/', import.meta.url);

export class Results {
  #began = loadavg()[0];
  #written = [];

  write(name, text) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL(name, folder), text);
    this.#written.push(name);
  }

  writeJson(name, data) {
    const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, load: this.#load };
    this.write(name, `${JSON.stringify({ machine, ...data }, null, 2)}\n`);
  }

  /** From the beginning to now. */
  get #load() {
    return [this.#began, loadavg()[0]];
  }

  say() {
    const load = this.#load.map((one) => one.toFixed(1)).join(' to ');
    console.log(
      `\n${cpus().length} cores, load ${load}.\nWritten to bench/results/: ${this.#written.join(', ')}.`,
    );
  }
}
