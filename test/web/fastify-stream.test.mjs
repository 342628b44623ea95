// Handlers that are generators: what they yield is streamed, no faster than it is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocking } from 'isthmus/fastify';
import * as h from './handlers.mjs';
import { ask, closed, dial, limit, serve, stands, until, words } from './kit.mjs';

for (const where of ['thread', 'process', 'loop']) {
  test(`generators are streamed: ${where}`, limit, async (scope) => {
    const app = await serve(
      scope,
      (app) => {
        app.get('/count/:n', blocking(h.countTo, { where }));
        app.get('/later/:n', blocking(h.countLater, { where }));
        app.get('/head', blocking(h.withHead, { where }));
        app.get('/nothing', blocking(h.nothingAtAll, { where }));
        app.get('/fails', blocking(h.failsFirst, { where }));
        app.get('/data', blocking(h.yieldsData, { where }));
      },
      { pool: { size: 1 }, processes: { size: 1 } },
    );
    const numbers = Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join('');
    assert.equal((await ask(app.port, '/count/1000')).text, numbers);
    assert.equal((await ask(app.port, '/later/1000')).text, numbers);
    const head = await ask(app.port, '/head');
    assert.deepEqual([head.status, head.headers['content-type'], head.text], [206, 'text/csv', 'a,b\n1,2\n']);
    assert.deepEqual((await ask(app.port, '/nothing')).text, '');
    const fails = await ask(app.port, '/fails');
    assert.deepEqual([fails.status, fails.json.message], [418, 'no stream']);
    const data = await ask(app.port, '/data');
    assert.deepEqual([data.status, data.json.code], [500, 'ERR_ISTHMUS_INVALID_ARGUMENT']);
    assert.equal((await ask(app.port, '/count/2', { method: 'HEAD' })).text, '');
    assert.equal((await ask(app.port, '/count/2')).text, '1\n2\n', 'the one worker is free again');
  });
}

test(
  'an error in the middle ends the connection: the answer is not taken for whole',
  limit,
  async (scope) => {
    const app = await serve(scope, (app) => app.get('/', blocking(h.failsLate)));
    const client = await dial(app.port);
    client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await closed(client.socket);
    assert.match(client.said, /^HTTP\/1.1 200/);
    assert.doesNotMatch(client.said, /\r\n0\r\n\r\n$/);
  },
);

test('a client that reads no further stops it, and one that leaves ends it', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const app = await serve(
    scope,
    (app) => {
      app.get('/', blocking(h.endless, { select }));
      app.get('/where', blocking(h.where));
    },
    { pool: { size: 1 } },
  );
  const client = await dial(app.port);
  client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => client.said.length > 0);
  client.socket.pause();
  await stands(() => shared.read(1));
  client.socket.destroy();
  await shared.reaches(2);
  assert.equal((await ask(app.port, '/where')).status, 200);
});

test('HEAD tells a stream that would not end by itself', limit, async (scope) => {
  const shared = words();
  const select = () => ({ memory: shared.memory });
  const app = await serve(scope, (app) => app.get('/', blocking(h.yieldsOnce, { select, grace: false })));
  assert.equal((await ask(app.port, '/', { method: 'HEAD' })).text, '');
  await shared.reaches(2);
});

test('HEAD leaves a stream that nobody reads', limit, async (scope) => {
  const shared = words();
  const app = await serve(
    scope,
    (app) => app.get('/', blocking(h.endless, { select: () => ({ memory: shared.memory }) })),
    { pool: { size: 1 } },
  );
  assert.equal((await ask(app.port, '/', { method: 'HEAD' })).text, '');
  await shared.reaches(2);
});
