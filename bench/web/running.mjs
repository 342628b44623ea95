/** Sync code that needs something async. */
import { setTimeout as later } from 'node:timers/promises';
import { run } from '../../dist/index.js';

export const numberAfter = (text) => run(later(1, Number(text) + 1));
