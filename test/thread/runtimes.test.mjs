// The same program under Node, Bun and Deno. Where a runtime differs, the difference is written down here.
import { fileURLToPath } from 'node:url';
import { onRuntimes } from './on-runtimes.mjs';

/** What every runtime does. */
const expected = {
  result: { value: 3 },
  function: { value: 3 },
  async: { value: 3 },
  values: { value: [7, true, true, true, true, 5] },
  buffer: { value: true },
  large: { value: 7_000_000 },
  'large string': { value: 200_000 },
  error: { value: [true, 'failed', 'E_MINE', 'inner'] },
  callback: { value: 100 },
  'callback throws': { code: 'E_HERE' },
  deadlock: { code: 'ERR_ISTHMUS_DEADLOCK' },
  'uncloneable argument': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'uncloneable result': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'missing module': { code: 'ERR_ISTHMUS_LOAD' },
  'missing export': { code: 'ERR_ISTHMUS_NO_ADDRESS' },
  'after these': { value: 7 },
  timeout: { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after a timeout': { value: 11 },
  'timeout of a spin': { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after a spin': { value: 12 },
  exit: { code: 'ERR_ISTHMUS_THREAD_DIED' },
  'after an exit': { value: 15 },
  crash: { code: 'ERR_ISTHMUS_THREAD_DIED', cause: 'stray' },
  'after a crash': { value: 19 },
  signal: { value: [true, true] },
  'exit again': { code: 'ERR_ISTHMUS_THREAD_DIED' },
  'never settles': { code: 'ERR_ISTHMUS_TIMEOUT' },
  each: { value: [0, 1, 2] },
  'each, left early': { value: 2 },
  'a source': { code: 'ERR_ISTHMUS_CANNOT_RUN' },
  'a signal': { value: [false, true, 'enough'] },
  'a class': { value: [true, 4] },
  context: { value: 'ada' },
  face: { value: [2, ['x', 'y'], 'list'] },
  many: { value: 125_250 },
};

/** What Node alone can do. */
const onNode = {
  // Elsewhere a worker does not say that nothing is left to do: there a timeout ends the call.
  'never settles': { code: 'ERR_ISTHMUS_NEVER_SETTLES' },
  // The source is on the sleeping thread, whose loop has to be re-entered for each step.
  'a source': { value: 6 },
};

onRuntimes(fileURLToPath(new URL('runtime-script.mjs', import.meta.url)), expected, {
  Node: onNode,
  // Deno has no inspector and lists no ES modules, so nobody can say where a function comes from.
  Deno: { function: { code: 'ERR_ISTHMUS_NO_ADDRESS' } },
});
