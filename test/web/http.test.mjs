// Plain node:http: each request is entered from a clean base.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { canRun, run, turn } from 'isthmus';
import { onCleanBase } from 'isthmus/http';
import { finish } from '../examples/child.mjs';
import { ask, closed, dial, limit, listen, until } from './kit.mjs';

const soon = (value) => new Promise((resolve) => setTimeout(resolve, 1, value));

const serve = (scope, listener) => listen(scope, createServer(listener));

test('a listener stands on a clean base, where run() works', limit, async (scope) => {
  const answer = (_request, response) => {
    response.end(JSON.stringify({ base: canRun().base, value: run(soon('ran')) }));
  };
  const port = await serve(scope, onCleanBase(answer));
  assert.deepEqual((await ask(port, '/')).json, { base: 'turn', value: 'ran' });
  const many = await Promise.all(Array.from({ length: 256 }, () => ask(port, '/')));
  assert.ok(many.every(({ status, json }) => status === 200 && json.value === 'ran'));
});

test('bodies arrive, whole and in order, and `this` is the server', limit, async (scope) => {
  const listener = async function (request, response) {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    response.end(`${length} ${this.constructor.name}`);
  };
  const port = await serve(scope, onCleanBase(listener));
  for (const size of [0, 1, 100_000, 2 ** 25]) {
    const answer = await ask(port, '/', { method: 'POST', body: Buffer.alloc(size) });
    assert.equal(answer.text, `${size} Server`);
  }
});

test('many requests at once, of which some leave: each gets its own answer', limit, async (scope) => {
  const listener = (request, response) => response.end(run(soon(request.url)));
  const port = await serve(scope, onCleanBase(listener));
  const answers = Array.from({ length: 1000 }, async (_, i) => {
    const signal = i % 3 === 0 ? AbortSignal.timeout(i % 20) : undefined;
    const answer = await ask(port, `/${i}`, { signal }).catch(() => undefined);
    if (answer === undefined) assert.notEqual(signal, undefined, 'only who leaves gets none');
    else assert.equal(answer.text, `/${i}`);
  });
  await Promise.all(answers);
  await until(() => turn.stats().waiting === 0);
});

test('a client that has gone before its turn is dropped; pipelined ones too', limit, async (scope) => {
  let called = 0;
  let waits;
  const port = await serve(
    scope,
    onCleanBase((_request, response) => {
      if (++called > 1) response.end('late');
      else {
        waits = response;
        run(new Promise((resolve) => response.once('go', resolve)));
        response.end('first');
      }
    }),
  );
  turn.configure({ batch: 1 });
  scope.after(() => turn.configure({ batch: 64 }));
  const first = ask(port, '/');
  await until(() => waits !== undefined);
  const client = await dial(port);
  const { waiting } = turn.stats();
  client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2));
  await until(() => turn.stats().waiting > waiting || called > 1);
  client.socket.destroy();
  await closed(client.socket);
  waits.emit('go');
  assert.equal((await first).text, 'first');
  assert.equal((await ask(port, '/')).text, 'late');
  assert.equal(called, 2, 'the listener did not hear of them');
});

test('a full line is answered by 503', limit, async (scope) => {
  turn.configure({ line: 1, batch: 1 });
  scope.after(() => turn.configure({ line: 65_536, batch: 64 }));
  const port = await serve(
    scope,
    onCleanBase((_request, response) => response.end('fine')),
  );
  const client = await dial(port);
  client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(20));
  await closed(client.socket);
  assert.match(client.said, /HTTP\/1.1 503/);
  assert.match(client.said, /retry-after: 1/i);
  assert.equal((await ask(port, '/')).text, 'fine');
});

test('what a listener throws is as uncaught as ever', limit, async () => {
  const file = fileURLToPath(new URL('throwing.mjs', import.meta.url));
  const { code, out } = await finish(process.execPath, [file]);
  assert.deepEqual([code, out], [7, 'uncaught: from the listener\n']);
});

test('it takes a function', () => {
  for (const listener of [undefined, null, {}, 'x'])
    assert.throws(() => onCleanBase(listener), { code: 'ERR_ISTHMUS_INVALID_ARGUMENT' });
});
