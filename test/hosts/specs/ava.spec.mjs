import { createRequire } from 'node:module';
import test from 'ava';
import * as isthmus from 'isthmus';

const { addCases } = createRequire(import.meta.url)('./cases.cjs');
const word = (define) => (body) => define(() => body());

addCases(
  {
    it: (title, body) => test.serial(title, () => body()),
    before: word(test.serial.before),
    beforeEach: word(test.serial.beforeEach),
    after: word(test.serial.after.always),
  },
  isthmus,
);
