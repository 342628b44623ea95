const isthmus = require('isthmus');
const { addCases } = require('./cases.cjs');

describe('isthmus, required', () => addCases({ it, before, beforeEach, after }, isthmus));
