// The clock is faked before isthmus is loaded; with --runInBand an earlier file has loaded its own copy.
import { createRequire } from 'node:module';
import { afterEach, beforeAll, beforeEach, it, jest } from '@jest/globals';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');

jest.useFakeTimers();
addFakeClockCases({ it, before: beforeAll, beforeEach, afterEach }, await import('isthmus'), {
  fake: () => jest.useFakeTimers(),
  advance: (ms) => jest.advanceTimersByTime(ms),
  restore: () => jest.useRealTimers(),
});
