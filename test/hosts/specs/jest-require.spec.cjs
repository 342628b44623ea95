const isthmus = require('isthmus');
const { addCases } = require('./cases.cjs');

addCases({ it, before: beforeAll, beforeEach, after: afterAll }, isthmus);
