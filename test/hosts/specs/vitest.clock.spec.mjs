import { createRequire } from 'node:module';
import * as isthmus from 'isthmus';
import { afterEach, beforeAll, beforeEach, it, vi } from 'vitest';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');

addFakeClockCases({ it, before: beforeAll, beforeEach, afterEach }, isthmus, {
  fake: () => vi.useFakeTimers(),
  advance: (ms) => vi.advanceTimersByTime(ms),
  restore: () => vi.useRealTimers(),
});
