// The clock is faked before isthmus is loaded for the first time in this thread or process.
import { createRequire } from 'node:module';
import { afterEach, beforeAll, beforeEach, it, vi } from 'vitest';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');

vi.useFakeTimers();
addFakeClockCases({ it, before: beforeAll, beforeEach, afterEach }, await import('isthmus'), {
  fake: () => vi.useFakeTimers(),
  advance: (ms) => vi.advanceTimersByTime(ms),
  restore: () => vi.useRealTimers(),
});
