// Spans of a request, of its tasks, and of what runs in their threads: one trace, and each has the right parent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from '../lines/lines.mjs';
import { finish, root } from './child.mjs';

/** The span as a tree: its name, whether it failed, whether it was made on the main thread, and the same of its children. */
function tree(spans, { name, failed, thread, spanId }) {
  const children = spans.filter(({ parent }) => parent === spanId).map((span) => tree(spans, span));
  return [name, failed ? 'failed' : 'ok', thread === 0 ? 'here' : 'there', ...children.sort()];
}

const task = (...children) => ['toThread(keyOf)', 'ok', 'here', ...children];
const expected = [
  'request',
  'ok',
  'here',
  task(['keyOf', 'ok', 'there', ['stretch', 'ok', 'there']]),
  task(['keyOf', 'ok', 'there', ['stretch', 'ok', 'there']]),
  ['toThread(refuse)', 'failed', 'here'],
];

for (const { line, execPath, skip } of lines) {
  test(`spans across threads, on Node ${line}`, { timeout: 60_000, skip }, async () => {
    const { code, out, err } = await finish(execPath, [join(root, 'examples', 'opentelemetry', 'main.mjs')]);
    assert.equal(code, 0, out + err);
    const spans = out.trimEnd().split('\n').map(JSON.parse);
    const requests = spans.filter(({ parent }) => parent === undefined);
    assert.equal(requests.length, 2);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 2, 'one trace for each request');
    for (const request of requests) {
      const ours = spans.filter(({ traceId }) => traceId === request.traceId);
      assert.deepEqual(tree(ours, request), expected);
      for (const { attributes, spanId } of ours.filter(({ name }) => name === 'toThread(keyOf)')) {
        const { thread } = ours.find(({ parent }) => parent === spanId);
        assert.equal(attributes['thread.id'], thread);
        assert.ok(attributes['task.wait_ms'] >= 0 && attributes['task.run_ms'] > 0);
      }
    }
  });
}
