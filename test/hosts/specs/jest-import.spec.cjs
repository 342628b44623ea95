const { addCases } = require('./cases.cjs');

addCases({ it, before: beforeAll, beforeEach, after: afterAll }, import('isthmus'));
