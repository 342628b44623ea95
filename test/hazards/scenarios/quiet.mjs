// Rows j and k: work that no loop knows of, and a loop that looks dead just after its last work completed. These need
// a loop that nothing keeps alive, so they run in a process or thread of their own: see scene.mjs.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { calm } from '../kit.mjs';
import { wasmModule } from '../wasm.mjs';

export async function compiling(run) {
  assert.ok(run(WebAssembly.compile(wasmModule(500))) instanceof WebAssembly.Module);
}

export async function waitAsync(run) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const { value } = Atomics.waitAsync(cell, 0, 0, 100);
  assert.equal(run(value), 'timed-out');
}

export async function unreferencedTimer(run) {
  assert.equal(run(new Promise((resolve) => setTimeout(resolve, 400, 'fired').unref())), 'fired');
}

export async function lastWork(run) {
  for (let round = 0; round < 200; round++) run(stat('/').then(() => stat('.')));
  calm(run);
}
