// The clock is faked before isthmus is loaded for the first time in this process.
import { createRequire } from 'node:module';
import { afterEach, before, beforeEach, describe, it, mock } from 'node:test';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');
const fake = () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] });

fake();
const isthmus = await import('isthmus');
mock.timers.reset();
describe('isthmus under a faked clock', () =>
  addFakeClockCases({ it, before, beforeEach, afterEach }, isthmus, {
    fake,
    advance: (ms) => mock.timers.tick(ms),
    restore: () => mock.timers.reset(),
  }));
