const { after, before, beforeEach, describe, it } = require('node:test');
const isthmus = require('isthmus');
const { addCases } = require('./cases.cjs');

describe('isthmus', () => addCases({ it, before, beforeEach, after }, isthmus));
