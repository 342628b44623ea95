import { createRequire } from 'node:module';
import { afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import * as isthmus from 'isthmus';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');

describe('isthmus under a faked clock', () =>
  addFakeClockCases({ it, before, beforeEach, afterEach }, isthmus, {
    fake: () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] }),
    advance: (ms) => mock.timers.tick(ms),
    restore: () => mock.timers.reset(),
  }));
