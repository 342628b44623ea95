// Row i: the parsers of HTTP, TLS and HTTP/2 cannot be entered twice, so a wait on top of one is refused by name.
import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { calm, sleep } from '../kit.mjs';

async function serve(handler, options) {
  const server = http.createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${server.address().port}`, options);
  const answer = await response.text();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return answer;
}

export async function syncRequestListener(run) {
  const answer = await serve(
    (request, response) => {
      try {
        response.end(run(text(request)));
      } catch (error) {
        response.end(error.code);
      }
    },
    { method: 'POST', body: 'body' },
  );
  assert.equal(answer, 'ERR_ISTHMUS_CANNOT_RUN');
}

export async function onACleanBase(run) {
  const answer = await serve(async (_request, response) => {
    await sleep(1);
    run(sleep(5));
    calm(run);
    response.end('answer');
  });
  assert.equal(answer, 'answer');
}
