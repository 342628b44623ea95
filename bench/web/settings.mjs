/** What all servers have in common, in a form that Python reads too. */
import { readFileSync } from 'node:fs';

/** `nap` is in ms, `size` the workers for work of the processor, `sleepers` the threads for work that only waits. */
export const { salt, scrypt, nap, size, sleepers } = JSON.parse(
  readFileSync(new URL('settings.json', import.meta.url), 'utf8'),
);
