import { createRequire } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';
import * as isthmus from 'isthmus';

const { addFakeClockCases } = createRequire(import.meta.url)('./cases.cjs');
const timersOnly = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
];

function clockOf(options, ticks) {
  let clock;
  const fake = () => {
    clock = FakeTimers.install(options);
  };
  return { ticks, fake, advance: (ms) => clock.tick(ms), restore: () => clock.uninstall() };
}

describe('isthmus with all that can be faked faked, nextTick and queueMicrotask included', () =>
  addFakeClockCases({ it, before, beforeEach, afterEach }, isthmus, clockOf({}, true)));

describe('isthmus with timers and clocks faked', () =>
  addFakeClockCases(
    { it, before, beforeEach, afterEach },
    isthmus,
    clockOf({ toFake: [...timersOnly, 'Date', 'performance', 'hrtime'] }, false),
  ));
