// One async client, awaited and by both of its sync faces: the same report, the same events, the same errors.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { lines } from '../lines/lines.mjs';
import { finish, root } from './child.mjs';

for (const { line, execPath, skip } of lines) {
  test(`the HTTP client, awaited and by both faces, on Node ${line}`, { timeout: 60_000, skip }, async () => {
    const { code, out, err } = await finish(execPath, [join(root, 'examples', 'http-client', 'main.mjs')]);
    assert.equal(code, 0, out + err);
    const [awaited, here, there] = out.trimEnd().split('\n').map(JSON.parse);
    assert.deepEqual(here.lines, awaited.lines);
    assert.deepEqual(there.lines, awaited.lines);
    assert.ok(awaited.lines.includes('Ada: 10'), awaited.lines.join());
    assert.ok(awaited.lines.some((text) => text.startsWith('retry 1 of')));
    assert.equal(awaited.lines.at(-1), 'HttpError 404: /users/99 answered 404');
  });
}
