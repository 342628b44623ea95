import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, it } from '@jest/globals';
import * as isthmus from 'isthmus';

const { addCases } = createRequire(import.meta.url)('./cases.cjs');

addCases({ it, before: beforeAll, beforeEach, after: afterAll }, isthmus);
