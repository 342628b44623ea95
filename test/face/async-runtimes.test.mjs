// The same program under Node, Bun and Deno. Where a runtime differs, the difference is written down here.
import { fileURLToPath } from 'node:url';
import { onRuntimes } from '../thread/on-runtimes.mjs';

/** What every runtime does. */
const expected = {
  'a class': { value: 'x' },
  members: { value: ['app.db', 1, 2, 2] },
  set: { value: 'l' },
  'what stays': { value: [true, 1, true] },
  order: { value: true },
  iterate: { value: 4950 },
  leave: { value: 2 },
  run: { value: 'app.db!' },
  'a function': { value: [2, 4] },
  error: { value: [true, 'failed', 'E_MINE'] },
  uncloneable: { code: 'ERR_ISTHMUS_UNCLONEABLE' },
  timeout: { code: 'ERR_ISTHMUS_TIMEOUT' },
  'after it': { value: 6 },
  disposed: { code: 'ERR_ISTHMUS_RELEASED' },
  exit: { code: 'ERR_ISTHMUS_THREAD_DIED' },
  'after the exit': { code: 'ERR_ISTHMUS_THREAD_DIED' },
};

const unknown = { code: 'ERR_ISTHMUS_NO_ADDRESS' };

onRuntimes(fileURLToPath(new URL('async-runtime-script.mjs', import.meta.url)), expected, {
  // Deno has no inspector and lists no ES modules, so nobody can say where a class or a function comes from.
  Deno: { 'a class': unknown, 'a function': unknown },
});
