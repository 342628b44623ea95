// Many calls at once inside a server's handlers, each on a clean base.
import assert from 'node:assert/strict';
import { Agent, createServer, get } from 'node:http';
import { test } from 'node:test';
import { run, turn } from 'isthmus';
import { play } from './script.mjs';

const limit = { timeout: 60_000 };
const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

/** Serves `handle(url)`, an async function, while `use(fetchPage)` runs; a handler's error is a 500 with its name. */
async function serve(handle, use) {
  const server = createServer(async (request, response) => {
    try {
      response.end(await handle(request.url));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.code ?? error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
  const { port } = server.address();
  const page = (path) =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('end', () => resolve(`${response.statusCode} ${text}`)).on('error', reject);
      }).on('error', reject);
    });
  try {
    return await use(page);
  } finally {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const all = (count, page) => Promise.all(Array.from({ length: count }, (_, i) => page(`/${i}`)));
const answers = (count) => Array.from({ length: count }, (_, i) => `200 answer to /${i}`);

for (const count of [64, 256]) {
  test(`${count} handlers at once each run 20 ms of work`, limit, async () => {
    const before = turn.stats();
    const handle = async (url) => {
      await turn();
      return run(later(20, `answer to ${url}`));
    };
    const got = await serve(handle, (page) => all(count, page));
    assert.deepEqual(got, answers(count));
    const after = turn.stats();
    assert.equal(after.admitted - before.admitted, count);
    assert.ok(after.batches > before.batches);
    assert.deepEqual([after.waiting, after.next, after.refused - before.refused], [0, 0, 0]);
    assert.equal(run.stats().depth, 0);
  });

  test(`${count} handlers at once each fetch from their own server`, limit, async () => {
    let page;
    const handle = async (url) => {
      if (url.startsWith('/inner')) return `answer to ${url.slice('/inner'.length)}`;
      await turn();
      return run(page(`/inner${url}`)).slice('200 '.length);
    };
    const got = await serve(handle, (from) => {
      page = from;
      return all(count, page);
    });
    assert.deepEqual(got, answers(count));
  });
}

// In a process of its own: where it fails, the thread is stuck.
test('256 handlers whose inner pages take turns as well', limit, async () => {
  const script = `
    const { createServer } = await import('node:http');
    const server = createServer(async ({ url }, response) => {
      await turn();
      if (url.startsWith('/inner')) response.end('answer to ' + url.slice('/inner'.length));
      else response.end(run(fetch(origin + '/inner' + url).then((page) => page.text())));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
    const origin = 'http://127.0.0.1:' + server.address().port;
    const pages = Array.from({ length: 256 }, async (_, i) => (await fetch(origin + '/' + i)).text());
    assert.deepEqual(await Promise.all(pages), pages.map((_, i) => 'answer to /' + i));
    console.log('answered');
    process.exit();`;
  assert.equal(await play(script), 'answered\n');
});

test('an error in one handler reaches its own client only', limit, async () => {
  const handle = async (url) => {
    await turn();
    return run(
      later(5).then(() => (url === '/7' ? Promise.reject(new RangeError('seven')) : `answer to ${url}`)),
    );
  };
  const got = await serve(handle, (page) => all(20, page));
  const expected = answers(20);
  expected[7] = '500 RangeError: seven';
  assert.deepEqual(got, expected);
});
