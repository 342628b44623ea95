// Numbers fit into the shared words that they are kept in, however many calls there were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { built } from './built.mjs';

const { nextId } = await built('channel/ids.ts');

test('numbers begin anew before they no longer fit into a word', { timeout: 5_000 }, () => {
  const word = new Int32Array(1);
  for (let id = 2 ** 31 - 3, i = 0; i < 5; i++) {
    id = nextId(id);
    word[0] = id;
    assert.equal(word[0], id);
    assert.ok(id > 0);
  }
  assert.equal(nextId(0), 1);
});
