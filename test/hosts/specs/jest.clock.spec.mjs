import { createRequire } from 'node:module';
import { afterEach, beforeAll, beforeEach, it, jest } from '@jest/globals';
import * as isthmus from 'isthmus';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');

addFakeClockCases({ it, before: beforeAll, beforeEach, afterEach }, isthmus, {
  fake: () => jest.useFakeTimers(),
  advance: (ms) => jest.advanceTimersByTime(ms),
  restore: () => jest.useRealTimers(),
});
