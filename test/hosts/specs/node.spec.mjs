import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, it } from 'node:test';
import * as isthmus from 'isthmus';

const { addCases } = createRequire(import.meta.url)('./cases.cjs');

describe('isthmus', () => addCases({ it, before, beforeEach, after }, isthmus));
