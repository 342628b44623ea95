import { createRequire } from 'node:module';
import * as isthmus from 'isthmus';

const { addCases } = createRequire(import.meta.url)('./cases.cjs');

describe('isthmus', () => addCases({ it, before, beforeEach, after }, isthmus));
