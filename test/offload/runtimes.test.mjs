// The same program under Node, Bun and Deno. Where a runtime differs, the difference is written down here.
import { fileURLToPath } from 'node:url';
import { onRuntimes } from '../thread/on-runtimes.mjs';

/** What every runtime does. */
const expected = {
  result: { value: 3 },
  function: { value: 3 },
  async: { value: 3 },
  many: { value: 45_150 },
  bytes: { value: [1_000_000, true] },
  error: { value: [true, 'failed', 'E_MINE', 'inner'] },
  'uncloneable argument': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'uncloneable result': { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  'missing module': { code: 'ERR_ISTHMUS_LOAD' },
  callback: { value: 100 },
  'a source': { value: 6 },
  'a class': { value: [true, 4] },
  context: { value: 'ada' },
  each: { value: [0, 1, 2] },
  map: { value: [1, 2, 3] },
  'timeout of a spin': { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after a spin': { value: 3 },
  exit: { code: 'ERR_ISTHMUS_THREAD_DIED' },
  crash: { code: 'ERR_ISTHMUS_THREAD_DIED', cause: 'stray' },
  'after a crash': { value: 3 },
  'never settles': { code: 'ERR_ISTHMUS_TIMEOUT' },
  stats: { value: [0, 0, 0] },
};

const file = fileURLToPath(new URL('runtime-script.mjs', import.meta.url));
const differs = {
  // Elsewhere a worker does not say that nothing is left to do: there a timeout ends the call.
  Node: { 'never settles': { code: 'ERR_ISTHMUS_NEVER_SETTLES' } },
  // Deno has no inspector and lists no ES modules, so nobody can say where a function comes from.
  Deno: { function: { code: 'ERR_ISTHMUS_NO_ADDRESS' } },
};

onRuntimes(file, expected, differs);

const died = { code: 'ERR_ISTHMUS_PROCESS_DIED' };
onRuntimes(file, { ...expected, exit: died, crash: { ...died, cause: 'stray' } }, differs, {
  ISTHMUS_TEST_KIND: 'process',
});
