import { createRequire } from 'node:module';
import * as isthmus from 'isthmus';
import { afterAll, beforeAll, beforeEach, it } from 'vitest';

const { addCases } = createRequire(import.meta.url)('./cases.cjs');

addCases({ it, before: beforeAll, beforeEach, after: afterAll }, isthmus);
